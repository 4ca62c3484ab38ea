-- name: positions
SELECT partition, next_offset FROM positions;

-- name: runs
SELECT outlet_id::text, till_id::text, run::text FROM runs;
