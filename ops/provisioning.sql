-- name: add_account
INSERT INTO app.accounts (account_id, email, confirmed_at) VALUES (%(account_id)s, %(email)s, now())
ON CONFLICT (email) DO NOTHING;

-- name: hold_account
SELECT account_id FROM app.accounts WHERE email = %(email)s FOR UPDATE;

-- name: add_outlet
INSERT INTO app.outlets (outlet_id, account_id, name, zone) VALUES (%(outlet_id)s, %(account_id)s, %(name)s, %(zone)s)
ON CONFLICT (account_id, name) WHERE removed_at IS NULL DO NOTHING;

-- name: outlet_named
SELECT outlet_id FROM app.outlets WHERE account_id = %(account_id)s AND name = %(name)s AND removed_at IS NULL;

-- name: first_till
SELECT till_id FROM app.tills WHERE outlet_id = %(outlet_id)s AND removed_at IS NULL ORDER BY created_at, till_id LIMIT 1;

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
