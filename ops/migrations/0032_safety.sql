-- An account that an operator has closed: nobody signs in to it or reads from it. Its tills' uploads are kept.
ALTER TABLE app.accounts ADD COLUMN disabled_at timestamptz;

CREATE FUNCTION app.note_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM app.note(
        NEW.account_id, CASE WHEN NEW.disabled_at IS NULL THEN 'account_enabled' ELSE 'account_disabled' END, '', NULL);
    RETURN NULL;
END
$$;
CREATE TRIGGER note_disabled AFTER UPDATE OF disabled_at ON app.accounts
FOR EACH ROW WHEN ((OLD.disabled_at IS NULL) <> (NEW.disabled_at IS NULL)) EXECUTE FUNCTION app.note_account();

-- Gateways remember tills for seconds; what takes a till's right away tells them at once.
CREATE FUNCTION app.tell_gateways() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('weboffice_tills', '');
    RETURN NULL;
END
$$;
CREATE TRIGGER tell AFTER UPDATE OF revoked_at ON app.till_tokens
FOR EACH STATEMENT EXECUTE FUNCTION app.tell_gateways();
CREATE TRIGGER tell AFTER UPDATE OF removed_at ON app.tills
FOR EACH STATEMENT EXECUTE FUNCTION app.tell_gateways();
CREATE TRIGGER tell AFTER UPDATE OF disabled_at, removed_at ON app.outlets
FOR EACH STATEMENT EXECUTE FUNCTION app.tell_gateways();
