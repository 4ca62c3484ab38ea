-- name: add_outlet
INSERT INTO app.outlets (outlet_id, account_id, name, zone, day_begins, currency)
VALUES (%(outlet_id)s, %(account_id)s, %(name)s, %(zone)s, %(day_begins)s, %(currency)s)
ON CONFLICT (account_id, name) WHERE removed_at IS NULL DO NOTHING
RETURNING outlet_id;

-- name: lock_outlet
SELECT outlet_id, name, zone, day_begins, currency, disabled_at IS NOT NULL AS disabled, test, groups
FROM app.outlets
WHERE outlet_id = %(outlet_id)s AND account_id = %(account_id)s AND removed_at IS NULL
FOR UPDATE;

-- name: name_taken
SELECT 1 FROM app.outlets
WHERE account_id = %(account_id)s AND name = %(name)s AND outlet_id <> %(outlet_id)s AND removed_at IS NULL;

-- name: change_outlet
UPDATE app.outlets
SET name = %(name)s, zone = %(zone)s, day_begins = %(day_begins)s, currency = %(currency)s, groups = %(groups)s
WHERE outlet_id = %(outlet_id)s;

-- name: join_group
-- Puts outlets into a group, those that have room for one more.
UPDATE app.outlets SET groups = groups || %(group)s::text
WHERE account_id = %(account_id)s AND outlet_id = ANY (%(outlets)s) AND removed_at IS NULL
    AND NOT %(group)s = ANY (groups) AND cardinality(groups) < %(most)s;

-- name: leave_group
UPDATE app.outlets SET groups = array_remove(groups, %(group)s::text)
WHERE account_id = %(account_id)s AND outlet_id = ANY (%(outlets)s) AND removed_at IS NULL
    AND %(group)s = ANY (groups);

-- name: group_names
-- For the form of an outlet: the account's groups, and how many outlets it has.
SELECT array_agg(DISTINCT g) FILTER (WHERE g IS NOT NULL), count(DISTINCT outlet_id)
FROM app.outlets LEFT JOIN unnest(groups) AS g ON true
WHERE account_id = %(account_id)s AND removed_at IS NULL;

-- name: disable
UPDATE app.outlets SET disabled_at = coalesce(disabled_at, now()) WHERE outlet_id = %(outlet_id)s;

-- name: enable
UPDATE app.outlets SET disabled_at = NULL WHERE outlet_id = %(outlet_id)s;

-- name: remove_outlet
UPDATE app.outlets SET removed_at = now() WHERE outlet_id = %(outlet_id)s;

-- name: forget_choice
UPDATE app.sessions SET outlet_id = NULL WHERE outlet_id = %(outlet_id)s;

-- name: remove_tills
UPDATE app.tills SET removed_at = now() WHERE outlet_id = %(outlet_id)s AND removed_at IS NULL;

-- name: revoke_outlet_tokens
UPDATE app.till_tokens SET revoked_at = now()
WHERE till_id IN (SELECT till_id FROM app.tills WHERE outlet_id = %(outlet_id)s) AND revoked_at IS NULL;

-- name: tills
SELECT till_id, name, created_at FROM app.tills
WHERE outlet_id = %(outlet_id)s AND removed_at IS NULL ORDER BY created_at, till_id;

-- name: tokens
SELECT k.token_id, k.till_id, k.hint, k.created_at FROM app.till_tokens k JOIN app.tills t USING (till_id)
WHERE t.outlet_id = %(outlet_id)s AND t.removed_at IS NULL AND k.revoked_at IS NULL ORDER BY k.created_at;

-- name: new_token
-- A token that was made just now, with its till and outlet, for the page that shows it.
SELECT o.outlet_id, o.name, o.zone, o.day_begins, o.currency, o.disabled_at IS NOT NULL, o.test, o.groups, t.name
FROM app.till_tokens k JOIN app.tills t USING (till_id) JOIN app.outlets o USING (outlet_id)
WHERE k.token_id = %(token_id)s AND o.account_id = %(account_id)s
    AND k.revoked_at IS NULL AND t.removed_at IS NULL AND o.removed_at IS NULL;

-- name: is_token
SELECT 1 FROM app.till_tokens WHERE token_id = %(token_id)s AND token_hash = %(token_hash)s;

-- name: lock_till
SELECT till_id, name FROM app.tills
WHERE till_id = %(till_id)s AND outlet_id = %(outlet_id)s AND removed_at IS NULL FOR UPDATE;

-- name: add_till
INSERT INTO app.tills (till_id, outlet_id, name) VALUES (%(till_id)s, %(outlet_id)s, %(name)s);

-- name: rename_till
UPDATE app.tills SET name = %(name)s WHERE till_id = %(till_id)s;

-- name: remove_till
UPDATE app.tills SET removed_at = now() WHERE till_id = %(till_id)s;

-- name: add_token
INSERT INTO app.till_tokens (token_hash, till_id, hint) VALUES (%(token_hash)s, %(till_id)s, %(hint)s)
RETURNING token_id;

-- name: revoke_tokens
UPDATE app.till_tokens SET revoked_at = now() WHERE till_id = %(till_id)s AND revoked_at IS NULL;

-- name: revoke_token
UPDATE app.till_tokens SET revoked_at = now()
WHERE token_id = %(token_id)s AND revoked_at IS NULL
    AND till_id IN (SELECT till_id FROM app.tills WHERE outlet_id = %(outlet_id)s)
RETURNING token_id;

-- name: has_data
SELECT EXISTS (SELECT 1 FROM runs WHERE outlet_id = %(outlet_id)s)
    OR EXISTS (SELECT 1 FROM parked WHERE outlet_id = %(outlet_id)s)
    OR EXISTS (SELECT 1 FROM quarantine WHERE outlet_id = %(outlet_id)s);

-- name: arrival
-- For the first steps: whether anything is in the figures, and whether something came that never will be.
SELECT
    EXISTS (SELECT 1 FROM runs WHERE outlet_id = %(outlet_id)s AND applied > 0),
    EXISTS (SELECT 1 FROM runs WHERE outlet_id = %(outlet_id)s AND discarded > 0);

-- name: given_up
SELECT DISTINCT record FROM app.outbox WHERE outlet_id = %(outlet_id)s;
