-- name: outlets
-- All outlets, for whoever says whose uploads stand in a partition.
SELECT outlet_id::text FROM app.outlets WHERE removed_at IS NULL ORDER BY 1;
