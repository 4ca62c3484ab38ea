-- name: by_email
SELECT account_id, password_hash, locale FROM app.accounts WHERE email = %(email)s AND disabled_at IS NULL;

-- name: by_id
SELECT a.email, a.password_hash, coalesce(
    (SELECT o.zone FROM app.outlets o WHERE o.account_id = a.account_id AND o.removed_at IS NULL
     ORDER BY o.created_at LIMIT 1), 'Europe/Moscow'), a.locale
FROM app.accounts a WHERE a.account_id = %(account_id)s;

-- name: add_registration
INSERT INTO app.registrations (link_hash, browser_hash, email, password_hash, locale, expires_at)
VALUES (%(link_hash)s, %(browser_hash)s, %(email)s, %(password_hash)s, %(locale)s, now() + %(lifetime)s);

-- name: registration
SELECT email, password_hash, browser_hash, locale FROM app.registrations
WHERE link_hash = %(link_hash)s AND expires_at > now();

-- name: take_registration
DELETE FROM app.registrations WHERE link_hash = %(link_hash)s AND expires_at > now()
RETURNING email, password_hash, locale;

-- name: drop_registrations
DELETE FROM app.registrations WHERE email = %(email)s;

-- name: add_account
INSERT INTO app.accounts (account_id, email, password_hash, locale, confirmed_at)
VALUES (%(account_id)s, %(email)s, %(password_hash)s, %(locale)s, now())
ON CONFLICT (email) DO NOTHING
RETURNING account_id;

-- name: set_password
UPDATE app.accounts SET password_hash = %(password_hash)s WHERE account_id = %(account_id)s;

-- name: drop_password
UPDATE app.accounts SET password_hash = NULL WHERE account_id = %(account_id)s;

-- name: set_email
UPDATE app.accounts SET email = %(email)s WHERE account_id = %(account_id)s;

-- name: set_locale
UPDATE app.accounts SET locale = %(locale)s WHERE account_id = %(account_id)s;

-- name: end_sessions
WITH push AS (DELETE FROM app.push_devices WHERE person_id = %(account_id)s)
DELETE FROM app.sessions WHERE account_id = %(account_id)s;

-- name: add_link
INSERT INTO app.links (link_hash, account_id, purpose, detail, expires_at)
VALUES (%(link_hash)s, %(account_id)s, %(purpose)s, %(detail)s, now() + %(lifetime)s);

-- name: link
SELECT l.account_id, a.email, a.locale, l.detail FROM app.links l JOIN app.accounts a USING (account_id)
WHERE l.link_hash = %(link_hash)s AND l.purpose = %(purpose)s AND l.used_at IS NULL AND l.expires_at > now()
    AND a.disabled_at IS NULL;

-- name: spend_link
UPDATE app.links l SET used_at = now() FROM app.accounts a
WHERE a.account_id = l.account_id AND l.link_hash = %(link_hash)s AND l.purpose = %(purpose)s
    AND l.used_at IS NULL AND l.expires_at > now() AND a.disabled_at IS NULL
RETURNING l.account_id, a.email, a.locale, l.detail;

-- name: void_links
UPDATE app.links SET used_at = now() WHERE account_id = %(account_id)s AND used_at IS NULL;

-- name: owner_tokens
-- Those of the account; with `person_id` his own alone.
SELECT t.token_id, t.name, t.hint, t.created_at, t.used_at, t.expires_at, p.email AS made_by
FROM app.owner_tokens t LEFT JOIN app.accounts p ON p.account_id = t.person_id AND t.person_id <> t.account_id
WHERE t.account_id = %(account_id)s AND t.revoked_at IS NULL AND coalesce(t.expires_at, 'infinity') > now()
    AND (%(person_id)s::uuid IS NULL OR t.person_id = %(person_id)s::uuid)
ORDER BY t.created_at DESC;

-- name: add_owner_token
-- None where the account has as many as it may have.
INSERT INTO app.owner_tokens (token_hash, account_id, person_id, name, hint, expires_at)
SELECT %(token_hash)s, %(account_id)s, %(person_id)s, %(name)s, %(hint)s, now() + %(lifetime)s
WHERE (
    SELECT count(*) FROM app.owner_tokens
    WHERE account_id = %(account_id)s AND revoked_at IS NULL AND coalesce(expires_at, 'infinity') > now()
) < %(most)s
RETURNING token_id;

-- name: is_owner_token
SELECT 1 FROM app.owner_tokens
WHERE account_id = %(account_id)s AND token_id::text = %(token_id)s AND token_hash = %(token_hash)s
    AND revoked_at IS NULL;

-- name: revoke_owner_tokens
-- Those that a person made, of whatever account.
UPDATE app.owner_tokens SET revoked_at = now()
WHERE coalesce(person_id, account_id) = %(account_id)s AND revoked_at IS NULL;

-- name: revoke_owner_token
UPDATE app.owner_tokens SET revoked_at = now()
WHERE account_id = %(account_id)s AND token_id = %(token_id)s AND revoked_at IS NULL
    AND (%(person_id)s::uuid IS NULL OR person_id = %(person_id)s::uuid)
RETURNING token_id;

-- name: drop_expired
WITH sessions AS (DELETE FROM app.sessions WHERE expires_at < now()),
    links AS (DELETE FROM app.links WHERE expires_at < now() - interval '7 days'),
    attempts AS (DELETE FROM app.attempts WHERE window_ends < now()),
    devices AS (DELETE FROM app.devices WHERE seen_at < now() - interval '400 days')
DELETE FROM app.registrations WHERE expires_at < now();

-- name: expire_journal
-- What is in it for 180 days; nobody may delete the rest.
SELECT app.expire_journal();

-- name: set_alarm
UPDATE app.accounts SET alarm_from = %(alarm_from)s WHERE account_id = %(account_id)s RETURNING account_id;
