-- name: positions
SELECT partition, next_offset FROM positions;

-- name: runs
SELECT outlet_id::text, till_id::text, run::text FROM runs;

-- name: withdrawn
-- For the ledger: how many events of each outlet the gateway refused.
SELECT outlet_id::text, count(*) FROM refusals GROUP BY outlet_id;
