-- name: add_visitor
-- Somebody who looks at the demonstration's account: sees all figures, changes nothing.
WITH person AS (
    INSERT INTO app.accounts (account_id, email, confirmed_at, locale)
    VALUES (gen_random_uuid(), %(email)s, now(), %(locale)s)
    RETURNING account_id
),

member AS (
    INSERT INTO app.members (account_id, person_id, role, sees_costs)
    SELECT a.account_id, p.account_id, 'accountant', true
    FROM app.accounts a CROSS JOIN person p
    WHERE a.email = %(owner)s
)

INSERT INTO app.sessions (session_hash, account_id, expires_at, viewed_account_id)
SELECT %(session_hash)s, p.account_id, now() + %(lifetime)s, a.account_id
FROM app.accounts a CROSS JOIN person p
WHERE a.email = %(owner)s;

-- name: till
SELECT till_id FROM app.tills WHERE outlet_id = %(outlet)s;
