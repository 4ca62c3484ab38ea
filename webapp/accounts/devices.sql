-- name: seen
UPDATE app.devices SET seen_at = now() WHERE account_id = %(account_id)s AND device_hash = %(device_hash)s
RETURNING account_id;

-- name: add
INSERT INTO app.devices (account_id, device_hash) VALUES (%(account_id)s, %(device_hash)s);

-- name: of_email
SELECT d.account_id FROM app.devices d JOIN app.accounts a USING (account_id)
WHERE a.email = %(email)s AND d.device_hash = %(device_hash)s AND d.seen_at > now() - interval '400 days';

-- name: forget
DELETE FROM app.devices WHERE account_id = %(account_id)s;
