-- name: outlets
SELECT DISTINCT outlet_id::text FROM runs ORDER BY 1;
