-- name: through
-- For whoever goes on with another log: how far tills were told 202.
SELECT a.outlet_id::text, a.till_id::text, a.run::text, a.through
FROM app.acknowledged a JOIN app.outlets o USING (outlet_id)
WHERE o.removed_at IS NULL;

-- name: lost_through
-- For the ledger, and for orders that give numbers up.
SELECT a.outlet_id::text, a.till_id::text, a.run::text, a.lost_through
FROM app.acknowledged a JOIN app.outlets o USING (outlet_id)
WHERE a.lost_through > 0 AND o.removed_at IS NULL AND a.outlet_id = coalesce(%(outlet)s::uuid, a.outlet_id);

-- name: note_lost
INSERT INTO app.acknowledged AS a (outlet_id, till_id, run, through, lost_through)
SELECT n.outlet_id, n.till_id, n.run, n.through, n.through
FROM jsonb_to_recordset(%(rows)s::jsonb) AS n(outlet_id uuid, till_id uuid, run uuid, through bigint)
ON CONFLICT (outlet_id, till_id, run) DO UPDATE
SET through = greatest(a.through, excluded.through), lost_through = greatest(a.lost_through, excluded.lost_through);
