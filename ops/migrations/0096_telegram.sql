-- Telegram: a single-use code, spent by a private chat; the person confirms that chat in the portal; one chat a person and account.
CREATE TABLE app.telegram_codes (
    account_id uuid NOT NULL REFERENCES app.accounts,
    person_id uuid NOT NULL REFERENCES app.accounts (account_id),
    code_hash bytea NOT NULL UNIQUE CHECK (length(code_hash) = 32),
    expires_at timestamptz NOT NULL,
    chat_id bigint,  -- the chat that spent it, waiting to be confirmed
    chat_name text NOT NULL DEFAULT '',
    PRIMARY KEY (account_id, person_id)
);

CREATE TABLE app.telegram_chats (
    account_id uuid NOT NULL REFERENCES app.accounts,
    person_id uuid NOT NULL REFERENCES app.accounts (account_id),
    chat_id bigint NOT NULL,
    chat_name text NOT NULL,
    linked_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, person_id)
);
CREATE INDEX telegram_chats_chat ON app.telegram_chats (chat_id);

CREATE FUNCTION app.note_telegram() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM app.note(OLD.account_id, 'telegram_unlinked', '', NULL);
    ELSE
        PERFORM app.note(NEW.account_id, 'telegram_linked', '', NULL);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON app.telegram_chats FOR EACH ROW EXECUTE FUNCTION app.note_telegram();
