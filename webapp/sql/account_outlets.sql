-- name: outlets
-- `app.licensed_until` for all at once; of outlets for trying alone it is asked itself.
SELECT
    o.outlet_id, o.name, o.zone, o.day_begins, o.currency, o.disabled_at IS NOT NULL AS disabled, o.test,
    u.licensed_until >= now() AS licensed, u.licensed_until, o.groups
FROM app.outlets o
JOIN app.accounts a USING (account_id)
LEFT JOIN app.licences l USING (outlet_id)
CROSS JOIN LATERAL (
    SELECT CASE WHEN o.test THEN app.licensed_until(o.outlet_id) ELSE greatest(a.trial_until, l.valid_until) END AS licensed_until
) u
WHERE o.account_id = %(account)s AND o.removed_at IS NULL
    AND (%(outlets)s::uuid[] IS NULL OR o.outlet_id = ANY (%(outlets)s::uuid[]));

-- name: holder_of_token
-- Whose account it reads, who made it, and what he is there. Notes once an hour that it was used.
WITH token AS (
    SELECT
        o.token_id, o.account_id, p.account_id AS person_id, coalesce(m.role, 'owner') AS role, m.outlets,
        coalesce(m.sees_costs, true) AS sees_costs, o.used_at
    FROM app.owner_tokens o
    JOIN app.accounts a ON a.account_id = o.account_id AND a.disabled_at IS NULL
    JOIN app.accounts p ON p.account_id = coalesce(o.person_id, o.account_id) AND p.disabled_at IS NULL
    LEFT JOIN app.members m ON m.account_id = o.account_id AND m.person_id = p.account_id AND m.removed_at IS NULL
    WHERE o.token_hash = %(token_hash)s AND o.revoked_at IS NULL AND coalesce(o.expires_at, 'infinity') > now()
        AND (p.account_id = o.account_id OR m.member_id IS NOT NULL)
), used AS (
    UPDATE app.owner_tokens o SET used_at = now() FROM token t
    WHERE o.token_id = t.token_id AND coalesce(t.used_at, '-infinity') < now() - interval '1 hour'
)
SELECT account_id, person_id, role, outlets, sees_costs FROM token;
