-- name: outlets
SELECT count(*) FROM app.outlets WHERE account_id = %(key)s AND removed_at IS NULL;

-- name: tills
SELECT count(*) FROM app.tills WHERE outlet_id = %(key)s AND removed_at IS NULL;

-- name: till_tokens
SELECT count(*) FROM app.till_tokens WHERE till_id = %(key)s AND revoked_at IS NULL;

-- name: open_invoices
SELECT count(*) FROM app.invoices WHERE account_id = %(key)s AND paid_at IS NULL AND cancelled_at IS NULL;

-- name: members
SELECT (SELECT count(*) FROM app.members WHERE account_id = %(key)s AND removed_at IS NULL)
    + (SELECT count(*) FROM app.invitations
       WHERE account_id = %(key)s AND accepted_at IS NULL AND withdrawn_at IS NULL AND expires_at > now());
