-- name: note
-- Through which number each run was acknowledged, never less than was noted before, and when.
INSERT INTO app.acknowledged AS a (outlet_id, till_id, run, through)
SELECT * FROM unnest(%(outlets)s::uuid[], %(tills)s::uuid[], %(runs)s::uuid[], %(through)s::bigint[])
ON CONFLICT (outlet_id, till_id, run) DO UPDATE SET through = excluded.through, changed_at = now()
WHERE a.through < excluded.through;
