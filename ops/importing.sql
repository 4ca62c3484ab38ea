-- Beside a service: the till that an import sends as, and tokens for as long as it takes.

-- name: outlets
-- The outlets of an id or a name; all of them where neither is given.
SELECT outlet_id, account_id, name, zone, day_begins FROM app.outlets
WHERE removed_at IS NULL AND (%(wanted)s::text IS NULL OR outlet_id::text = %(wanted)s OR name = %(wanted)s)
ORDER BY name
LIMIT 20;

-- name: hold_outlet
-- Held to the end: two imports at once would otherwise both make the till.
SELECT FROM app.outlets WHERE outlet_id = %(outlet_id)s FOR UPDATE;

-- name: till
SELECT till_id FROM app.tills
WHERE outlet_id = %(outlet_id)s AND name = %(name)s AND removed_at IS NULL
ORDER BY created_at, till_id LIMIT 1;

-- name: add_till
INSERT INTO app.tills (till_id, outlet_id, name, imported) VALUES (%(till_id)s, %(outlet_id)s, %(name)s, true);

-- name: add_till_token
INSERT INTO app.till_tokens (token_hash, till_id, hint) VALUES (%(token_hash)s, %(till_id)s, %(hint)s);

-- name: add_owner_token
INSERT INTO app.owner_tokens (token_hash, account_id, name, hint) VALUES (%(token_hash)s, %(account_id)s, 'import', %(hint)s);

-- name: remove_till_token
DELETE FROM app.till_tokens WHERE token_hash = %(token_hash)s;

-- name: remove_owner_token
DELETE FROM app.owner_tokens WHERE token_hash = %(token_hash)s;
