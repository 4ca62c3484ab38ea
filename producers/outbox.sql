-- name: lock
-- Whether this gateway is the one that sends now; the lock ends with the transaction.
SELECT pg_try_advisory_xact_lock(%(lock)s);

-- name: oldest
-- The orders to be sent next, in the order in which they were given.
SELECT id, outlet_id::text, record FROM app.outbox ORDER BY id LIMIT 100 FOR UPDATE SKIP LOCKED;

-- name: sent
-- Takes out the orders that Kafka has acknowledged.
DELETE FROM app.outbox WHERE id = ANY (%(ids)s);

-- name: listen
-- Lets PostgreSQL tell this connection of new orders (sent by schemas/outbox.sql).
LISTEN weboffice_outbox;
