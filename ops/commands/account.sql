-- name: set_disabled
UPDATE app.accounts SET disabled_at = CASE WHEN %(disabled)s THEN coalesce(disabled_at, now()) END WHERE email = %(email)s
RETURNING account_id;

-- name: account
SELECT account_id FROM app.accounts WHERE email = %(email)s;

-- name: end_sessions
WITH push AS (DELETE FROM app.push_devices WHERE person_id = %(account)s)
DELETE FROM app.sessions WHERE account_id = %(account)s;

-- name: forget_devices
DELETE FROM app.devices WHERE account_id = %(account)s;

-- name: void_links
UPDATE app.links SET used_at = now() WHERE account_id = %(account)s AND used_at IS NULL;

-- name: revoke_tokens
UPDATE app.owner_tokens SET revoked_at = now()
WHERE %(account)s IN (account_id, person_id) AND revoked_at IS NULL;

-- name: reset_totp
DELETE FROM app.second_factors WHERE person_id = %(account)s;

-- name: note
SELECT app.note(%(account)s, %(action)s, '', NULL);

-- name: keep
UPDATE app.accounts SET deletion_due_at = NULL WHERE account_id = %(account)s AND deletion_due_at IS NOT NULL
RETURNING account_id;
