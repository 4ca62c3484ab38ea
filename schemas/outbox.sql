-- name: send
-- Keeps an order until a gateway has written it into the log, and wakes the gateways once the transaction commits.
WITH kept AS (INSERT INTO app.outbox (outlet_id, record) VALUES (%(outlet)s, %(record)s) RETURNING true)
SELECT pg_notify('weboffice_outbox', '') FROM kept;
