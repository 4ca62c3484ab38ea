-- name: positions
SELECT partition, next_offset FROM positions;

-- name: runs
SELECT outlet_id::text, till_id::text, run::text FROM runs
WHERE %(outlet)s::uuid IS NULL OR outlet_id = %(outlet)s::uuid;
