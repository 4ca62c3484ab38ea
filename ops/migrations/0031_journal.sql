-- What was done with an account, for its owner to read: written once, kept for 180 days. Ids, and addresses of which the
-- end is left out. What changes a table notes itself, whoever changes it: the owner's pages or an operator's command.
CREATE TABLE app.journal (
    entry_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id uuid NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    action text NOT NULL,
    subject text NOT NULL DEFAULT '',  -- a token's last characters, a till's name, an invoice's number
    outlet_id uuid,
    address text NOT NULL DEFAULT '',
    device text NOT NULL DEFAULT '',
    by_operator boolean NOT NULL DEFAULT (NOT starts_with(current_setting('application_name'), 'weboffice portal'))
);
CREATE INDEX journal_account ON app.journal (account_id, entry_id DESC);
CREATE INDEX journal_at ON app.journal (at);

CREATE FUNCTION app.keep_journal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.at < now() - interval '180 days' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the journal is written once' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER keep BEFORE UPDATE OR DELETE ON app.journal FOR EACH ROW EXECUTE FUNCTION app.keep_journal();
CREATE TRIGGER keep_all BEFORE TRUNCATE ON app.journal FOR EACH STATEMENT EXECUTE FUNCTION app.keep_journal();

ALTER TABLE app.journal ENABLE ROW LEVEL SECURITY;
ALTER TABLE app.journal FORCE ROW LEVEL SECURITY;
CREATE POLICY service ON app.journal TO CURRENT_USER USING (true) WITH CHECK (true);
CREATE POLICY account ON app.journal FOR SELECT TO weboffice_portal USING (account_id = app.current_account());
GRANT SELECT ON app.journal TO weboffice_portal;

CREATE FUNCTION app.note(of_account uuid, action text, subject text, of_outlet uuid) RETURNS void LANGUAGE sql AS $$
    INSERT INTO app.journal (account_id, action, subject, outlet_id)
    SELECT of_account, action, coalesce(subject, ''), of_outlet WHERE of_account IS NOT NULL
$$;

CREATE FUNCTION app.note_token() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    done text := CASE WHEN TG_OP = 'INSERT' THEN 'made' ELSE 'revoked' END;
BEGIN
    IF TG_OP = 'UPDATE' AND (OLD.revoked_at IS NOT NULL OR NEW.revoked_at IS NULL) THEN
        RETURN NULL;
    END IF;
    IF TG_TABLE_NAME = 'owner_tokens' THEN
        PERFORM app.note(NEW.account_id, 'owner_token_' || done, NEW.hint, NULL);
    ELSE
        PERFORM app.note(o.account_id, 'till_token_' || done, NEW.hint, o.outlet_id)
        FROM app.tills t JOIN app.outlets o USING (outlet_id) WHERE t.till_id = NEW.till_id;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER note AFTER INSERT OR UPDATE OF revoked_at ON app.owner_tokens
FOR EACH ROW EXECUTE FUNCTION app.note_token();
CREATE TRIGGER note AFTER INSERT OR UPDATE OF revoked_at ON app.till_tokens
FOR EACH ROW EXECUTE FUNCTION app.note_token();

CREATE FUNCTION app.note_outlet() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM app.note(NEW.account_id, 'outlet_added', '', NEW.outlet_id);
    ELSIF NEW.removed_at IS NOT NULL AND OLD.removed_at IS NULL THEN
        PERFORM app.note(NEW.account_id, 'outlet_removed', '', NEW.outlet_id);
    ELSIF (NEW.disabled_at IS NULL) <> (OLD.disabled_at IS NULL) THEN
        PERFORM app.note(
            NEW.account_id, CASE WHEN NEW.disabled_at IS NULL THEN 'outlet_enabled' ELSE 'outlet_disabled' END, '',
            NEW.outlet_id);
    ELSIF (NEW.name, NEW.zone, NEW.currency) IS DISTINCT FROM (OLD.name, OLD.zone, OLD.currency) THEN
        PERFORM app.note(NEW.account_id, 'outlet_changed', '', NEW.outlet_id);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER note AFTER INSERT OR UPDATE ON app.outlets FOR EACH ROW EXECUTE FUNCTION app.note_outlet();

CREATE FUNCTION app.note_till() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM app.note(
        o.account_id, CASE WHEN TG_OP = 'INSERT' THEN 'till_added' ELSE 'till_removed' END, NEW.name, o.outlet_id)
    FROM app.outlets o
    WHERE o.outlet_id = NEW.outlet_id AND (TG_OP = 'INSERT' OR NEW.removed_at IS NOT NULL AND OLD.removed_at IS NULL);
    RETURN NULL;
END
$$;
CREATE TRIGGER note AFTER INSERT OR UPDATE OF removed_at ON app.tills
FOR EACH ROW EXECUTE FUNCTION app.note_till();

CREATE FUNCTION app.note_email() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM app.note(NEW.account_id, 'email_changed', '', NULL);
    RETURN NULL;
END
$$;
CREATE TRIGGER note AFTER UPDATE OF email ON app.accounts
FOR EACH ROW WHEN (OLD.email <> NEW.email) EXECUTE FUNCTION app.note_email();

CREATE FUNCTION app.note_invoice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM app.note(NEW.account_id, 'invoice_made', NEW.number::text, NULL);
    ELSIF NEW.paid_at IS NOT NULL AND OLD.paid_at IS NULL THEN
        PERFORM app.note(NEW.account_id, 'invoice_paid', NEW.number::text, NULL);
    ELSIF NEW.cancelled_at IS NOT NULL AND OLD.cancelled_at IS NULL THEN
        PERFORM app.note(NEW.account_id, 'invoice_cancelled', NEW.number::text, NULL);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER note AFTER INSERT OR UPDATE ON app.invoices FOR EACH ROW EXECUTE FUNCTION app.note_invoice();

CREATE FUNCTION app.note_licence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM app.note(o.account_id, 'licence_changed', to_char(NEW.valid_until, 'YYYY-MM-DD'), o.outlet_id)
    FROM app.outlets o WHERE o.outlet_id = NEW.outlet_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER note AFTER INSERT OR UPDATE ON app.licences FOR EACH ROW EXECUTE FUNCTION app.note_licence();
