-- name: lock
SELECT pg_try_advisory_xact_lock(%(lock)s);

-- name: oldest
SELECT id, outlet_id::text, record FROM app.outbox ORDER BY id LIMIT 100 FOR UPDATE SKIP LOCKED;

-- name: sent
DELETE FROM app.outbox WHERE id = ANY (%(ids)s);

-- name: listen
LISTEN weboffice_outbox;
