-- name: account
SELECT account_id FROM app.accounts WHERE email = %(email)s;

-- name: exists
SELECT FROM pg_roles WHERE rolname = %(role)s;

-- name: note
INSERT INTO app.analysts (role, account_id, sees_costs, timeout_seconds)
VALUES (%(role)s, %(account_id)s, %(costs)s, %(timeout)s);

-- name: listed
-- For the operator: who reads the views, of whom, with how many connections at this moment.
SELECT a.role::text, coalesce(o.email, ''), a.sees_costs, a.created_at,
    (SELECT count(*) FROM pg_stat_activity s WHERE s.usename = a.role AND s.datname = current_database())
FROM app.analysts a LEFT JOIN app.accounts o USING (account_id) ORDER BY a.role;

-- name: forget
DELETE FROM app.analysts WHERE role = %(role)s RETURNING role;

-- name: end_connections
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %(role)s AND datname = current_database();
