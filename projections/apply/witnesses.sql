-- name: note
-- For the worker: what it folded just now.
INSERT INTO app.witnesses AS w (
    outlet_id, kind, till_id, run, first_seq, last_seq, partition, log_offset, log_time
)
SELECT outlet_id, kind, till_id, run, first_seq, last_seq, partition, log_offset, log_time
FROM json_populate_recordset(NULL::app.witnesses, %(rows)s::json)
ON CONFLICT (outlet_id, kind) DO UPDATE SET
    till_id = excluded.till_id, run = excluded.run, first_seq = excluded.first_seq, last_seq = excluded.last_seq,
    partition = excluded.partition, log_offset = excluded.log_offset, log_time = excluded.log_time;

-- name: sample
-- For a worker in doubt: of each kind of event the latest witness of some accounts, those of the outlets given first.
SELECT account_id::text, outlet_id::text, kind, till_id::text, run::text, first_seq, last_seq, partition, log_offset
FROM (
    SELECT latest.*, row_number() OVER (PARTITION BY kind ORDER BY suspect DESC, random()) AS turn
    FROM (
        SELECT DISTINCT ON (o.account_id, w.kind) w.*, o.account_id, o.account_id IN (
            SELECT s.account_id FROM app.outlets s WHERE s.outlet_id = ANY (%(outlets)s::uuid[])) AS suspect
        FROM app.witnesses w JOIN app.outlets o USING (outlet_id)
        WHERE o.removed_at IS NULL
        ORDER BY o.account_id, w.kind, w.log_time DESC
    ) latest
) drawn
WHERE turn <= %(accounts)s;

-- name: wait_a_moment
-- For a witness that is folded once more: another worker may be at its outlet.
SELECT set_config('lock_timeout', '2000', true);
