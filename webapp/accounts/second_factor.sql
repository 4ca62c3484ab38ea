-- name: state
-- Whether a person has a second factor, and how many recovery codes are left.
SELECT f.confirmed_at IS NOT NULL, (
    SELECT count(*) FROM app.recovery_codes c WHERE c.person_id = f.person_id AND c.used_at IS NULL)
FROM app.second_factors f WHERE f.person_id = %(person_id)s;

-- name: begin
-- A secret that is not confirmed takes the place of an earlier such one; one that is confirmed stays.
INSERT INTO app.second_factors AS f (person_id, secret) VALUES (%(person_id)s, %(secret)s)
ON CONFLICT (person_id) DO UPDATE SET secret = excluded.secret, created_at = now() WHERE f.confirmed_at IS NULL
RETURNING person_id;

-- name: waiting
SELECT secret FROM app.second_factors
WHERE person_id = %(person_id)s AND confirmed_at IS NULL AND created_at > now() - interval '30 minutes';

-- name: confirm
UPDATE app.second_factors SET confirmed_at = now(), last_step = %(step)s
WHERE person_id = %(person_id)s AND confirmed_at IS NULL
RETURNING person_id;

-- name: secret
SELECT secret FROM app.second_factors WHERE person_id = %(person_id)s AND confirmed_at IS NOT NULL;

-- name: spend_step
-- Of two uses of a code only one gets it, and none an earlier one.
UPDATE app.second_factors SET last_step = %(step)s WHERE person_id = %(person_id)s AND last_step < %(step)s
RETURNING person_id;

-- name: spend_recovery_code
UPDATE app.recovery_codes SET used_at = now()
WHERE person_id = %(person_id)s AND code_hash = %(code_hash)s AND used_at IS NULL
RETURNING person_id;

-- name: drop_recovery_codes
DELETE FROM app.recovery_codes WHERE person_id = %(person_id)s;

-- name: add_recovery_codes
INSERT INTO app.recovery_codes (person_id, code_hash) SELECT %(person_id)s, unnest(%(code_hashes)s::bytea[]);

-- name: remove
DELETE FROM app.second_factors WHERE person_id = %(person_id)s RETURNING person_id;

-- name: step_up
UPDATE app.sessions SET stepped_up_at = now() WHERE session_hash = %(session_hash)s;

-- name: all_secrets
SELECT person_id, secret FROM app.second_factors;

-- name: reseal
UPDATE app.second_factors SET secret = %(sealed)s WHERE person_id = %(person_id)s AND secret = %(old)s
RETURNING person_id;
