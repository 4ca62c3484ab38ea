-- name: members
-- The members of an account, for its owner.
SELECT
    m.member_id, p.email, m.role, m.outlets, m.sees_costs, m.created_at,
    (SELECT max(s.seen_at) FROM app.sessions s WHERE s.account_id = m.person_id AND s.viewed_account_id = m.account_id)
        AS seen_at,
    EXISTS (SELECT FROM app.second_factors f WHERE f.person_id = m.person_id AND f.confirmed_at IS NOT NULL) AS has_factor
FROM app.members m JOIN app.accounts p ON p.account_id = m.person_id
WHERE m.account_id = %(account_id)s AND m.removed_at IS NULL
ORDER BY m.created_at, m.member_id;

-- name: invitations
-- The invitations of an account that may still be accepted.
SELECT invitation_id, email, role, outlets, sees_costs, expires_at
FROM app.invitations
WHERE account_id = %(account_id)s AND accepted_at IS NULL AND withdrawn_at IS NULL AND expires_at > now()
ORDER BY created_at, invitation_id;

-- name: is_member
SELECT FROM app.members m JOIN app.accounts p ON p.account_id = m.person_id
WHERE m.account_id = %(account_id)s AND p.email = %(email)s AND m.removed_at IS NULL;

-- name: withdraw_those_to
-- A new invitation takes the place of earlier ones.
UPDATE app.invitations SET withdrawn_at = now()
WHERE account_id = %(account_id)s AND email = %(email)s AND accepted_at IS NULL AND withdrawn_at IS NULL;

-- name: invite
INSERT INTO app.invitations (link_hash, account_id, email, role, outlets, sees_costs, expires_at)
VALUES (
    %(link_hash)s, %(account_id)s, %(email)s, %(role)s, %(outlets)s, %(sees_costs)s, now() + %(lifetime)s);

-- name: withdraw
UPDATE app.invitations SET withdrawn_at = now()
WHERE account_id = %(account_id)s AND invitation_id = %(invitation_id)s AND accepted_at IS NULL AND withdrawn_at IS NULL
RETURNING invitation_id;

-- name: invitation
-- An invitation that may still be accepted, and whether the address invited has an account.
SELECT i.account_id, o.email AS owner_email, o.locale AS owner_locale, i.email, i.role, p.account_id AS person_id
FROM app.invitations i
JOIN app.accounts o ON o.account_id = i.account_id AND o.disabled_at IS NULL
LEFT JOIN app.accounts p ON p.email = i.email
WHERE i.link_hash = %(link_hash)s AND i.accepted_at IS NULL AND i.withdrawn_at IS NULL AND i.expires_at > now();

-- name: accept
-- Of two acceptances at once only one finds the invitation.
WITH accepted AS (
    UPDATE app.invitations SET accepted_at = now()
    WHERE link_hash = %(link_hash)s AND accepted_at IS NULL AND withdrawn_at IS NULL AND expires_at > now()
        AND account_id <> %(person_id)s
    RETURNING account_id, role, outlets, sees_costs
)
INSERT INTO app.members (account_id, person_id, role, outlets, sees_costs)
SELECT account_id, %(person_id)s, role, outlets, sees_costs FROM accepted
ON CONFLICT (account_id, person_id) WHERE removed_at IS NULL
DO UPDATE SET role = excluded.role, outlets = excluded.outlets, sees_costs = excluded.sees_costs
RETURNING account_id;

-- name: change
UPDATE app.members SET role = %(role)s, outlets = %(outlets)s, sees_costs = %(sees_costs)s
WHERE account_id = %(account_id)s AND member_id = %(member_id)s AND removed_at IS NULL
RETURNING member_id;

-- name: remove
-- With the member go his tokens of this account. His sessions lead to his own account from the next page on.
WITH removed AS (
    UPDATE app.members SET removed_at = now()
    WHERE account_id = %(account_id)s AND member_id = %(member_id)s AND removed_at IS NULL
    RETURNING member_id, account_id, person_id
), tokens AS (
    UPDATE app.owner_tokens t SET revoked_at = now() FROM removed r
    WHERE t.account_id = r.account_id AND t.person_id = r.person_id AND t.revoked_at IS NULL
)
SELECT member_id FROM removed;

-- name: need_factor
-- Gives nothing where it is so already.
UPDATE app.accounts SET members_need_factor = %(needed)s
WHERE account_id = %(account_id)s AND members_need_factor <> %(needed)s
RETURNING account_id;

-- name: factor_needed
SELECT members_need_factor FROM app.accounts WHERE account_id = %(account_id)s;
