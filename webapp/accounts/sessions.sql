-- name: start
INSERT INTO app.sessions (session_hash, account_id, expires_at, device)
VALUES (%(session_hash)s, %(account_id)s, now() + %(lifetime)s, %(device)s);

-- name: find
SELECT s.account_id, a.email, a.locale, s.outlet_id, s.session_hash, s.seen_at < now() - interval '1 minute' AS stale
FROM app.sessions s JOIN app.accounts a USING (account_id)
WHERE s.session_hash = %(session_hash)s AND s.expires_at > now() AND s.seen_at > now() - %(idle)s;

-- name: seen
UPDATE app.sessions SET seen_at = now() WHERE session_hash = %(session_hash)s;

-- name: of_account
SELECT session_id, session_hash = %(session_hash)s AS this, device, created_at, seen_at
FROM app.sessions
WHERE account_id = %(account_id)s AND expires_at > now() AND seen_at > now() - %(idle)s
ORDER BY this DESC, seen_at DESC;

-- name: end_this
DELETE FROM app.sessions WHERE session_hash = %(session_hash)s;

-- name: end_one
DELETE FROM app.sessions WHERE account_id = %(account_id)s AND session_id = %(session_id)s RETURNING session_id;

-- name: end_others
DELETE FROM app.sessions WHERE account_id = %(account_id)s AND session_hash <> %(session_hash)s;
