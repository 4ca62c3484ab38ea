-- name: memberships
-- The accounts that a person may look at beside his own.
SELECT m.account_id, o.email, m.role
FROM app.members m JOIN app.accounts o ON o.account_id = m.account_id AND o.disabled_at IS NULL
WHERE m.person_id = %(person_id)s AND m.removed_at IS NULL
ORDER BY o.email;

-- name: view_account
-- The account that a session looks at from now on: another one than the person's own where he is a member of it.
UPDATE app.sessions s SET outlet_id = NULL, outlet_group = NULL, viewed_account_id = nullif(%(account_id)s::uuid, s.account_id)
WHERE s.session_hash = %(session_hash)s AND (s.account_id = %(account_id)s::uuid OR EXISTS (
    SELECT FROM app.members m
    WHERE m.account_id = %(account_id)s::uuid AND m.person_id = s.account_id AND m.removed_at IS NULL))
RETURNING s.account_id;
