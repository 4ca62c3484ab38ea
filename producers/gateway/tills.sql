-- name: listen
-- Lets PostgreSQL tell this connection of tills that lose their right (sent by triggers), and of gateways that come.
LISTEN weboffice_tills;
LISTEN weboffice_gateways;

-- name: till_of_token
SELECT
    t.till_id::text, t.outlet_id::text, o.zone, o.day_begins, t.imported, k.revoked_at IS NOT NULL AS revoked,
    t.removed_at IS NOT NULL AS removed, o.removed_at IS NOT NULL AS outlet_removed,
    o.disabled_at IS NOT NULL AS outlet_disabled, app.licensed_until(o.outlet_id) AS licensed_until
FROM app.till_tokens k
JOIN app.tills t USING (till_id)
JOIN app.outlets o USING (outlet_id)
WHERE k.token_hash = %(token_hash)s;
