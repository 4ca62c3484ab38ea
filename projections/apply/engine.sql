-- name: start_offsets
SELECT partition, next_offset, coalesce(topic_id::text, ''), log_time
FROM positions WHERE partition = ANY (%(partitions)s);

-- name: open_positions
INSERT INTO positions (partition, next_offset)
SELECT unnest(%(partitions)s::integer[]), 0
ON CONFLICT (partition) DO NOTHING;

-- name: hold_positions
SELECT partition, next_offset, coalesce(topic_id::text, '')
FROM positions WHERE partition = ANY (%(partitions)s) ORDER BY partition FOR UPDATE;

-- name: move_positions
UPDATE positions p SET next_offset = r.next_offset, log_time = r.log_time,
    topic_id = coalesce(%(topic_id)s::uuid, p.topic_id)
FROM json_to_recordset(%(rows)s::json) AS r (partition integer, next_offset bigint, log_time timestamptz)
WHERE p.partition = r.partition;

-- name: load_runs
SELECT t.outlet_id::text, t.till_id::text, t.run::text, applied_through, read, applied, duplicate, discarded, given_up
FROM json_to_recordset(%(keys)s::json) AS k (outlet_id uuid, till_id uuid, run uuid)
CROSS JOIN LATERAL (
    SELECT * FROM runs t
    WHERE (t.outlet_id, t.till_id, t.run) = (k.outlet_id, k.till_id, k.run)
    OFFSET 0
) t;

-- name: load_parked_spans
SELECT t.outlet_id::text, t.till_id::text, t.run::text, first_seq, last_seq
FROM json_to_recordset(%(keys)s::json) AS k (outlet_id uuid, till_id uuid, run uuid)
CROSS JOIN LATERAL (
    SELECT * FROM parked t
    WHERE (t.outlet_id, t.till_id, t.run) = (k.outlet_id, k.till_id, k.run)
    OFFSET 0
) t;

-- name: load_quarantined_spans
SELECT t.outlet_id::text, t.till_id::text, t.run::text, first_seq, last_seq, stub
FROM json_to_recordset(%(keys)s::json) AS k (outlet_id uuid, till_id uuid, run uuid)
CROSS JOIN LATERAL (
    SELECT * FROM quarantine t
    WHERE (t.outlet_id, t.till_id, t.run) = (k.outlet_id, k.till_id, k.run) AND t.discarded_because IS NULL
    OFFSET 0
) t;

-- name: write_runs
INSERT INTO runs (
    outlet_id, till_id, run, applied_through, read, applied, duplicate, discarded, given_up
)
SELECT outlet_id, till_id, run, applied_through, read, applied, duplicate, discarded, given_up
FROM json_populate_recordset(NULL::runs, %(rows)s::json)
ON CONFLICT (outlet_id, till_id, run) DO UPDATE SET
    applied_through = excluded.applied_through, read = excluded.read, applied = excluded.applied,
    duplicate = excluded.duplicate, discarded = excluded.discarded, given_up = excluded.given_up;

-- name: park
INSERT INTO parked (outlet_id, till_id, run, first_seq, last_seq, partition, log_offset, log_time, record)
VALUES (
    %(outlet)s, %(till)s, %(run)s, %(first_seq)s, %(last_seq)s, %(partition)s, %(log_offset)s, %(log_time)s,
    %(record)s
);

-- name: take_parked
DELETE FROM parked
WHERE outlet_id = %(outlet)s AND till_id = %(till)s AND run = %(run)s AND first_seq = %(first_seq)s
RETURNING partition, log_offset, log_time, record;

-- name: quarantine
INSERT INTO quarantine (
    partition, log_offset, first_seq, last_seq, outlet_id, till_id, run, log_time, reason, traceback, stub
)
VALUES (
    %(partition)s, %(log_offset)s, %(first_seq)s, %(last_seq)s, %(outlet)s, %(till)s, %(run)s, %(log_time)s,
    %(reason)s, %(traceback)s, %(stub)s
);

-- name: replace_stub
-- Readable content came for a stub's events: only the parts that it does not cover stay set aside.
WITH replaced AS (
    DELETE FROM quarantine
    WHERE outlet_id = %(outlet)s AND till_id = %(till)s AND run = %(run)s AND first_seq = %(first_seq)s
        AND discarded_because IS NULL
    RETURNING *
)
INSERT INTO quarantine (
    partition, log_offset, first_seq, last_seq, outlet_id, till_id, run, log_time, reason, traceback, stub
)
SELECT partition, log_offset, l.first_seq, l.last_seq, outlet_id, till_id, run, log_time, reason, traceback, stub
FROM replaced CROSS JOIN unnest(%(firsts)s::bigint[], %(lasts)s::bigint[]) AS l (first_seq, last_seq);

-- name: discard_quarantined
UPDATE quarantine SET discarded_because = %(reason)s
WHERE outlet_id = %(outlet)s AND till_id = %(till)s AND run = %(run)s AND first_seq = ANY (%(first_seqs)s)
    AND discarded_because IS NULL;

-- name: notify
SELECT pg_notify('weboffice_outlets', outlets)
FROM unnest(%(outlets)s::text[]) AS outlets;

-- name: removed_outlets
SELECT outlet_id::text FROM removed_outlets WHERE outlet_id = ANY (%(outlets)s::uuid[]);

-- name: load_outlet_runs
SELECT outlet_id::text, till_id::text, run::text FROM runs WHERE outlet_id = %(outlet)s;

-- name: quarantine_parked
WITH taken AS (
    DELETE FROM parked
    WHERE outlet_id = %(outlet)s AND till_id = %(till)s AND run = %(run)s AND first_seq = %(first_seq)s
    RETURNING *
)
INSERT INTO quarantine (
    partition, log_offset, first_seq, last_seq, outlet_id, till_id, run, log_time, reason, traceback, stub
)
SELECT partition, log_offset, first_seq, last_seq, outlet_id, till_id, run, log_time, %(reason)s, %(traceback)s, false
FROM taken
RETURNING partition, log_offset;
