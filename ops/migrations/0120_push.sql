-- Web push: the devices on which a person hears of an account. What a browser gives is a capability: who knows the address and
-- the keys can make it show a message.
CREATE TABLE app.push_devices (
    device_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES app.accounts,
    person_id uuid NOT NULL REFERENCES app.accounts (account_id),
    endpoint text NOT NULL CHECK (length(endpoint) <= 1000),
    p256dh bytea NOT NULL CHECK (length(p256dh) = 65),
    auth bytea NOT NULL CHECK (length(auth) = 16),
    session_hash bytea NOT NULL,  -- of the browser: signed out there, it hears no more; an expired session ends nothing
    device text NOT NULL,
    subscribed_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (account_id, person_id, endpoint)
);
CREATE INDEX push_devices_session ON app.push_devices (session_hash);
CREATE INDEX push_devices_endpoint ON app.push_devices (endpoint);

CREATE FUNCTION app.note_push() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM app.note(OLD.account_id, 'push_off', OLD.device, NULL);
    ELSE
        PERFORM app.note(NEW.account_id, 'push_on', NEW.device, NULL);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER note AFTER INSERT OR DELETE ON app.push_devices FOR EACH ROW EXECUTE FUNCTION app.note_push();

-- A message by push is for one device; no reference, as it stays in the list when the device is gone.
ALTER TABLE app.messages ADD COLUMN device_id bigint;
