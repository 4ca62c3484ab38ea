-- name: outlets
SELECT
    outlet_id, name, zone, currency, disabled_at IS NOT NULL AS disabled,
    app.licensed_until(outlet_id) >= now() AS licensed, app.licensed_until(outlet_id) AS licensed_until
FROM app.outlets
WHERE account_id = %(account)s AND removed_at IS NULL
ORDER BY lower(name COLLATE "pg_c_utf8"), outlet_id;

-- name: account_of_token
SELECT account_id FROM app.owner_tokens WHERE token_hash = %(token_hash)s AND revoked_at IS NULL;
