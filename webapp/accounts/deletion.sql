-- name: state
-- For the page: when the account goes, NULL where nobody asked for it; what goes with it; whether its owner has a password.
SELECT a.deletion_due_at,
    (SELECT count(*) FROM app.outlets o WHERE o.account_id = a.account_id AND o.removed_at IS NULL)::integer,
    (SELECT count(*) FROM app.members m WHERE m.account_id = a.account_id AND m.removed_at IS NULL)::integer,
    a.password_hash IS NOT NULL
FROM app.accounts a WHERE a.account_id = %(account_id)s;

-- name: ask
-- Asked for twice, the first time counts.
UPDATE app.accounts SET deletion_due_at = now() + %(wait)s
WHERE account_id = %(account_id)s AND deletion_due_at IS NULL RETURNING deletion_due_at;

-- name: keep
UPDATE app.accounts SET deletion_due_at = NULL
WHERE account_id = %(account_id)s AND deletion_due_at IS NOT NULL RETURNING account_id;

-- name: account
-- By its owner's address, held until the transaction ends.
SELECT account_id FROM app.accounts WHERE email = %(email)s AND deleted_at IS NULL FOR UPDATE;

-- name: people
-- Who is told: the owner, then who looks at his figures.
SELECT a.email, a.locale, true FROM app.accounts a WHERE a.account_id = %(account_id)s
UNION ALL
SELECT p.email, p.locale, false FROM app.members m JOIN app.accounts p ON p.account_id = m.person_id
WHERE m.account_id = %(account_id)s AND m.removed_at IS NULL;

-- name: outlets
-- Whose rows are in the live read models: each gets an order in the log.
SELECT outlet_id FROM app.outlets WHERE account_id = %(account_id)s AND removed_at IS NULL ORDER BY outlet_id FOR UPDATE;

-- name: erase_due
SELECT app.erase_due_account(%(account_id)s);

-- name: due
-- The next account whose time has come; several processes look.
SELECT account_id FROM app.accounts WHERE deletion_due_at <= now() ORDER BY deletion_due_at LIMIT 1 FOR UPDATE SKIP LOCKED;
