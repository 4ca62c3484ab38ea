-- From how much on a receipt that does not add up is an alarm to the owner; below it stands behind what matters. In the
-- money of his outlets.
ALTER TABLE app.accounts ADD COLUMN alarm_from numeric(9, 2) NOT NULL DEFAULT 1 CHECK (alarm_from > 0);

CREATE FUNCTION app.note_alarm() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM app.note(NEW.account_id, 'alarm_changed', NEW.alarm_from::text, NULL);
    RETURN NULL;
END
$$;
CREATE TRIGGER note_alarm AFTER UPDATE OF alarm_from ON app.accounts
FOR EACH ROW WHEN (OLD.alarm_from <> NEW.alarm_from) EXECUTE FUNCTION app.note_alarm();
