-- An account with all its data goes by request: at the time that its owner was told, or at once by an operator. What stays is a
-- row without a name that says when, so that ids mean nothing else later, and what bookkeeping has to keep: invoices.
ALTER TABLE app.accounts ADD COLUMN deletion_due_at timestamptz;  -- asked for, and can be taken back until then
ALTER TABLE app.accounts ADD COLUMN deleted_at timestamptz;
CREATE INDEX accounts_deletion ON app.accounts (deletion_due_at) WHERE deletion_due_at IS NOT NULL;

-- Outlets whose rows no report has, however far back it looks: a report 'as the log stood' leaves them out, too. Kept in
-- backups, so that a restored log brings nothing of them back.
CREATE TABLE app.erased_outlets (
    outlet_id uuid PRIMARY KEY,
    erased_at timestamptz NOT NULL DEFAULT now()
);

-- Takes the rows of outlets out of a generation, but for the count of events by number, which no name is in.
CREATE FUNCTION app.erase_rows(of_schema name, outlets uuid[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    relation name;
BEGIN
    FOR relation IN
        SELECT c.relname FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'outlet_id' AND NOT a.attisdropped
        WHERE c.relnamespace = to_regnamespace(quote_ident(of_schema)) AND c.relkind = 'r'
            AND c.relname NOT IN ('runs', 'removed_outlets')
        ORDER BY c.relname
    LOOP
        EXECUTE format('DELETE FROM %I.%I WHERE outlet_id = ANY ($1)', of_schema, relation) USING outlets;
    END LOOP;
END
$$;

-- The live generation's rows go through the log, by the orders that the caller sends; all others here.
CREATE FUNCTION app.erase_account(of_account uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    its_outlets uuid[] := (SELECT coalesce(array_agg(outlet_id), '{}') FROM app.outlets WHERE account_id = of_account);
    its_tills uuid[] := (SELECT coalesce(array_agg(till_id), '{}') FROM app.tills WHERE outlet_id = ANY (its_outlets));
    address text := (SELECT email FROM app.accounts WHERE account_id = of_account AND deleted_at IS NULL FOR UPDATE);
    -- What stays: the row without a name, bookkeeping, and what other rows here and the log go by.
    kept CONSTANT name[] := ARRAY['accounts', 'outlets', 'invoices', 'invoice_lines', 'payment_notices', 'erased_outlets',
        'forgotten_contacts', 'certificates', 'journal', 'outbox'];
    login name;
    erased record;
    relation name;
    conditions text;
    again boolean;
BEGIN
    IF address IS NULL THEN
        RAISE EXCEPTION 'there is no such account' USING ERRCODE = 'no_data_found';
    END IF;
    FOR login IN SELECT role FROM app.analysts WHERE account_id = of_account LOOP
        EXECUTE format('ALTER ROLE %I NOLOGIN', login);
        PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = login AND datname = current_database();
        EXECUTE format('DROP OWNED BY %I', login);
        EXECUTE format('DROP ROLE %I', login);
    END LOOP;
    INSERT INTO app.erased_outlets (outlet_id) SELECT unnest(its_outlets) ON CONFLICT DO NOTHING;
    FOR erased IN SELECT number, schema_name FROM app.generations WHERE state IN ('named', 'old', 'ready') ORDER BY number LOOP
        PERFORM app.erase_rows(erased.schema_name, its_outlets);
        DELETE FROM app.certificates WHERE outlet_id = ANY (its_outlets) AND certificates.generation = erased.number;
    END LOOP;

    UPDATE app.members SET removed_at = now() WHERE of_account IN (account_id, person_id) AND removed_at IS NULL;
    -- Members look at their own account again.
    UPDATE app.sessions SET viewed_account_id = NULL, outlet_id = NULL
    WHERE account_id <> of_account AND (viewed_account_id = of_account OR outlet_id = ANY (its_outlets));
    DELETE FROM app.invitations WHERE email = address;
    DELETE FROM app.registrations WHERE email = address;
    DELETE FROM app.mail WHERE recipient = address;
    UPDATE app.accounts SET email = 'deleted-' || of_account || '@invalid', password_hash = NULL, deletion_due_at = NULL,
        disabled_at = coalesce(disabled_at, now()), deleted_at = now()
    WHERE account_id = of_account;
    -- A table that is added later is emptied, too, unless it is named above. Which one names another's rows is not asked:
    -- what can't go yet goes in the next round.
    FOR round IN 1..10 LOOP
        again := false;
        FOR relation, conditions IN
            SELECT c.relname, string_agg(format(CASE a.attname
                WHEN 'outlet_id' THEN '%I = ANY ($2)' WHEN 'till_id' THEN '%I = ANY ($3)' ELSE '%I = $1' END, a.attname), ' OR ')
            FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped
                AND a.attname IN ('account_id', 'person_id', 'outlet_id', 'till_id')
            WHERE c.relnamespace = 'app'::regnamespace AND c.relkind = 'r' AND c.relname <> ALL (kept)
            GROUP BY c.relname ORDER BY c.relname
        LOOP
            BEGIN
                EXECUTE format('DELETE FROM app.%I WHERE %s', relation, conditions) USING of_account, its_outlets, its_tills;
            EXCEPTION WHEN foreign_key_violation THEN
                again := true;
            END;
        END LOOP;
        EXIT WHEN NOT again;
    END LOOP;
    IF again THEN
        RAISE EXCEPTION 'rows of the account are named by others' USING ERRCODE = 'foreign_key_violation';
    END IF;
    UPDATE app.outlets SET name = '–', removed_at = coalesce(removed_at, now()) WHERE outlet_id = ANY (its_outlets);
    DELETE FROM app.journal WHERE account_id = of_account;
END
$$;
REVOKE EXECUTE ON FUNCTION app.erase_account(uuid), app.erase_rows(name, uuid[]) FROM PUBLIC;

-- For the portal, which may delete no account but one whose time has come.
CREATE FUNCTION app.erase_due_account(of_account uuid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM app.accounts WHERE account_id = of_account AND deletion_due_at <= now()) THEN
        RAISE EXCEPTION 'its time has not come' USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM app.erase_account(of_account);
END
$$;
REVOKE EXECUTE ON FUNCTION app.erase_due_account(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.erase_due_account(uuid) TO weboffice_accounts;

-- What is written once goes with an account that is gone.
CREATE OR REPLACE FUNCTION app.keep_journal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND (OLD.at < now() - interval '180 days'
        OR EXISTS (SELECT FROM app.accounts a WHERE a.account_id = OLD.account_id AND a.deleted_at IS NOT NULL)) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the journal is written once' USING ERRCODE = 'insufficient_privilege';
END
$$;

-- As 0110 gave it, but for that.
CREATE OR REPLACE FUNCTION app.keep_closing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND EXISTS (
        SELECT FROM app.outlets o JOIN app.accounts a USING (account_id)
        WHERE o.outlet_id = OLD.outlet_id AND a.deleted_at IS NOT NULL
    ) THEN
        RETURN OLD;
    END IF;
    IF TG_TABLE_NAME = 'closings' AND TG_OP = 'UPDATE' THEN
        IF OLD.reopened_at IS NULL AND NEW.reopened_at IS NOT NULL
            AND (OLD.closing_id, OLD.account_id, OLD.outlet_id, OLD.first, OLD.last, OLD.closed_at, OLD.closed_by, OLD.knowingly,
                OLD.signed, OLD.pdf_ru, OLD.pdf_en)
            = (NEW.closing_id, NEW.account_id, NEW.outlet_id, NEW.first, NEW.last, NEW.closed_at, NEW.closed_by, NEW.knowingly,
                NEW.signed, NEW.pdf_ru, NEW.pdf_en)
        THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'a closing is written once' USING ERRCODE = 'insufficient_privilege';
END
$$;
