-- name: join
-- A gateway is one of those that live as long as this connection does; the others are told.
SELECT pg_try_advisory_lock_shared(%(lock)s), pg_notify('weboffice_gateways', '');

-- name: count
-- How many live now: a gateway that dies lets its lock go.
SELECT count(*) FROM pg_locks
WHERE locktype = 'advisory' AND mode = 'ShareLock' AND granted AND classid = 0 AND objid = %(lock)s AND objsubid = 1
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database());
