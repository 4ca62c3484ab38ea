-- name: erase
-- At once, whatever its owner asked for: the tables' owner alone may.
SELECT app.erase_account(%(account_id)s);

-- name: live
-- The schema of the live read models.
SELECT max(schema_name) FROM app.generations WHERE state = 'live' AND %(account_id)s IS NOT NULL;

-- name: use
SELECT set_config('search_path', %(schema)s, true);

-- name: events
-- What the log has of an account's tills.
SELECT coalesce(sum(read), 0)::bigint FROM runs
WHERE outlet_id IN (SELECT outlet_id FROM app.outlets WHERE account_id = %(account_id)s);

-- name: invoices
SELECT count(*) FROM app.invoices WHERE account_id = %(account_id)s;
