-- name: add_account
INSERT INTO app.accounts (account_id, email, confirmed_at) VALUES (%(account_id)s, %(email)s, now())
ON CONFLICT (email) DO NOTHING;

-- name: hold_account
SELECT account_id FROM app.accounts WHERE email = %(email)s FOR UPDATE;

-- name: add_outlet
INSERT INTO app.outlets (outlet_id, account_id, name, zone, day_begins, test)
VALUES (%(outlet_id)s, %(account_id)s, %(name)s, %(zone)s, %(day_begins)s, %(test)s)
ON CONFLICT (account_id, name) WHERE removed_at IS NULL DO NOTHING;

-- name: outlet_named
SELECT outlet_id, day_begins, test FROM app.outlets
WHERE account_id = %(account_id)s AND name = %(name)s AND removed_at IS NULL;

-- name: has_data
-- In the live generation.
SELECT EXISTS (SELECT 1 FROM runs WHERE outlet_id = %(outlet_id)s)
    OR EXISTS (SELECT 1 FROM parked WHERE outlet_id = %(outlet_id)s)
    OR EXISTS (SELECT 1 FROM quarantine WHERE outlet_id = %(outlet_id)s);

-- name: set_day_begins
UPDATE app.outlets SET day_begins = %(day_begins)s WHERE outlet_id = %(outlet_id)s;

-- name: till
-- The outlet's till of that name; its first one where none is named.
SELECT till_id FROM app.tills
WHERE outlet_id = %(outlet_id)s AND removed_at IS NULL AND (%(name)s::text IS NULL OR name = %(name)s)
ORDER BY created_at, till_id
LIMIT 1;

-- name: add_till
INSERT INTO app.tills (till_id, outlet_id, name) VALUES (%(till_id)s, %(outlet_id)s, %(name)s);

-- name: add_till_token
INSERT INTO app.till_tokens (token_hash, till_id, hint) VALUES (%(token_hash)s, %(till_id)s, %(hint)s);

-- name: add_owner_token
INSERT INTO app.owner_tokens (token_hash, account_id, name, hint)
VALUES (%(token_hash)s, %(account_id)s, 'provision', %(hint)s);

-- name: add_sign_in_link
INSERT INTO app.links (link_hash, account_id, purpose, detail, expires_at)
VALUES (%(link_hash)s, %(account_id)s, 'sign_in', 'at once', now() + %(lifetime)s);

-- name: link_is_used
-- For the screen of the demo, which offers another link then.
SELECT used_at IS NOT NULL FROM app.links WHERE link_hash = %(link_hash)s;

-- name: test_outlet
-- Held until the transaction ends, so that no token is issued meanwhile.
SELECT o.outlet_id, o.test FROM app.outlets o JOIN app.accounts a USING (account_id)
WHERE a.email = %(email)s AND o.name = %(name)s AND o.removed_at IS NULL
FOR UPDATE OF o;

-- name: revoke_outlet_tokens
UPDATE app.till_tokens SET revoked_at = now()
WHERE till_id IN (SELECT till_id FROM app.tills WHERE outlet_id = %(outlet_id)s) AND revoked_at IS NULL;

-- name: remove_tills
UPDATE app.tills SET removed_at = now() WHERE outlet_id = %(outlet_id)s AND removed_at IS NULL;

-- name: remove_imports
DELETE FROM app.imports WHERE outlet_id = %(outlet_id)s;

-- name: remove_outlet
UPDATE app.outlets SET removed_at = now() WHERE outlet_id = %(outlet_id)s;

-- name: forget_choice
UPDATE app.sessions SET outlet_id = NULL WHERE outlet_id = %(outlet_id)s;
