-- name: start
-- Who has no outlets of his own begins with the account that let him look last.
INSERT INTO app.sessions (session_hash, account_id, expires_at, device, stepped_up_at, viewed_account_id)
SELECT
    %(session_hash)s, %(account_id)s, now() + %(lifetime)s, %(device)s,
    CASE WHEN %(by_code)s THEN now() END,
    (SELECT m.account_id FROM app.members m
     WHERE m.person_id = %(account_id)s AND m.removed_at IS NULL AND NOT EXISTS (
        SELECT FROM app.outlets o WHERE o.account_id = %(account_id)s AND o.removed_at IS NULL)
     ORDER BY m.created_at DESC LIMIT 1);

-- name: push_moves
-- Messages go on to a browser in which the same person signs in anew, and no longer to one that another takes.
WITH others AS (DELETE FROM app.push_devices WHERE session_hash = %(before)s AND person_id <> %(account_id)s)
UPDATE app.push_devices SET session_hash = %(session_hash)s WHERE session_hash = %(before)s AND person_id = %(account_id)s;

-- name: push_ends
DELETE FROM app.push_devices WHERE session_hash = %(session_hash)s;

-- name: find
-- The account looked at is the person's own where he is no member any more of the one that he chose.
SELECT
    coalesce(m.account_id, p.account_id) AS account_id, p.account_id AS person_id, p.email,
    coalesce(a.email, p.email) AS owner_email, p.locale, s.outlet_id,
    s.session_hash, coalesce(m.role, 'owner') AS role, m.outlets, coalesce(m.sees_costs, true) AS sees_costs,
    coalesce(a.alarm_from, p.alarm_from) AS alarm_from,
    coalesce(s.stepped_up_at, '-infinity') < now() - interval '15 minutes' AND f.person_id IS NOT NULL AS factor_due,
    coalesce(a.members_need_factor, false) AND f.person_id IS NULL AS factor_missing,
    s.outlet_group, s.seen_at < now() - interval '1 minute' AS stale
FROM app.sessions s JOIN app.accounts p USING (account_id)
LEFT JOIN app.second_factors f ON f.person_id = p.account_id AND f.confirmed_at IS NOT NULL
LEFT JOIN (app.members m JOIN app.accounts a ON a.account_id = m.account_id AND a.disabled_at IS NULL)
    ON m.account_id = s.viewed_account_id AND m.person_id = p.account_id AND m.removed_at IS NULL
WHERE s.session_hash = %(session_hash)s AND s.expires_at > now() AND s.seen_at > now() - %(idle)s
    AND p.disabled_at IS NULL;

-- name: seen
UPDATE app.sessions SET seen_at = now() WHERE session_hash = %(session_hash)s;

-- name: of_account
SELECT session_id, session_hash = %(session_hash)s AS this, device, created_at, seen_at
FROM app.sessions
WHERE account_id = %(account_id)s AND expires_at > now() AND seen_at > now() - %(idle)s
ORDER BY this DESC, seen_at DESC;

-- name: end_this
DELETE FROM app.sessions WHERE session_hash = %(session_hash)s;

-- name: end_one
WITH ended AS (
    DELETE FROM app.sessions WHERE account_id = %(account_id)s AND session_id = %(session_id)s
    RETURNING session_id, session_hash
), push AS (DELETE FROM app.push_devices p USING ended e WHERE p.session_hash = e.session_hash)
SELECT session_id FROM ended;

-- name: end_others
WITH push AS (DELETE FROM app.push_devices WHERE person_id = %(account_id)s AND session_hash <> %(session_hash)s)
DELETE FROM app.sessions WHERE account_id = %(account_id)s AND session_hash <> %(session_hash)s;
