-- Whom an owner lets look at his account, besides himself. Who registered an account is its owner; he stands in no row.
CREATE TABLE app.members (
    member_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id uuid NOT NULL REFERENCES app.accounts,                -- whose figures he sees
    person_id uuid NOT NULL REFERENCES app.accounts (account_id),    -- by which he signs in
    role text NOT NULL CHECK (role IN ('manager', 'accountant', 'seller')),
    outlets uuid[],  -- NULL: all, later ones included
    sees_costs boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    removed_at timestamptz,
    CHECK (account_id <> person_id),
    CHECK (role <> 'seller' OR outlets IS NOT NULL)
);
CREATE UNIQUE INDEX members_once ON app.members (account_id, person_id) WHERE removed_at IS NULL;
CREATE INDEX members_person ON app.members (person_id);

CREATE TABLE app.invitations (
    invitation_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    link_hash bytea NOT NULL UNIQUE CHECK (length(link_hash) = 32),
    account_id uuid NOT NULL REFERENCES app.accounts,
    email text NOT NULL CHECK (email = lower(email)),
    role text NOT NULL CHECK (role IN ('manager', 'accountant', 'seller')),
    outlets uuid[],
    sees_costs boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    accepted_at timestamptz,
    withdrawn_at timestamptz,
    CHECK (role <> 'seller' OR outlets IS NOT NULL)
);
CREATE INDEX invitations_account ON app.invitations (account_id);

-- The account that a signed-in person looks at, NULL for his own; and who made a token, NULL for the account's owner.
ALTER TABLE app.sessions ADD COLUMN viewed_account_id uuid REFERENCES app.accounts (account_id);
ALTER TABLE app.owner_tokens ADD COLUMN person_id uuid REFERENCES app.accounts (account_id);

-- Who did it, NULL for the owner and for operators.
ALTER TABLE app.journal ADD COLUMN person_id uuid;
ALTER TABLE app.journal ALTER COLUMN person_id SET DEFAULT nullif(current_setting('weboffice.person', true), '')::uuid;

-- What a member may not see is not there for the portal's role. All other tables are bound by this one; see app.isolate.
CREATE FUNCTION app.current_outlets() RETURNS uuid[] LANGUAGE sql STABLE AS $$
    SELECT nullif(current_setting('weboffice.outlets', true), '')::uuid[]
$$;
ALTER POLICY account ON app.outlets USING (
    account_id = app.current_account()
    AND (app.current_outlets() IS NULL OR outlet_id = ANY (app.current_outlets())));

CREATE FUNCTION app.note_member() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    email text := (SELECT a.email FROM app.accounts a WHERE a.account_id = NEW.person_id);
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM app.note(NEW.account_id, 'member_joined', email || ': ' || NEW.role, NULL);
    ELSIF NEW.removed_at IS NOT NULL THEN
        PERFORM app.note(NEW.account_id, 'member_removed', email, NULL);
    ELSE
        PERFORM app.note(NEW.account_id, 'member_changed', email || ': ' || NEW.role, NULL);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER note AFTER INSERT OR UPDATE ON app.members FOR EACH ROW EXECUTE FUNCTION app.note_member();

CREATE FUNCTION app.note_invitation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM app.note(NEW.account_id, 'member_invited', NEW.email || ': ' || NEW.role, NULL);
    ELSIF NEW.withdrawn_at IS NOT NULL AND OLD.withdrawn_at IS NULL THEN
        PERFORM app.note(NEW.account_id, 'invitation_withdrawn', NEW.email, NULL);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER note AFTER INSERT OR UPDATE ON app.invitations FOR EACH ROW EXECUTE FUNCTION app.note_invitation();
