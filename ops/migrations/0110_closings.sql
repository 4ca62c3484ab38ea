-- Months that owners closed: what was signed, and the documents of the month as they stood, with their places in the log. They
-- belong to no generation, so rebuilds and switches leave them alone, and a removed outlet keeps them.
CREATE TABLE app.closings (
    closing_id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES app.accounts,
    outlet_id uuid NOT NULL REFERENCES app.outlets,
    first date NOT NULL,
    last date NOT NULL CHECK (last >= first),
    closed_at timestamptz NOT NULL,
    closed_by uuid NOT NULL REFERENCES app.accounts (account_id),
    knowingly boolean NOT NULL,  -- events were waiting or missing, and the owner said so
    signed bytea NOT NULL,  -- the file as it was signed
    pdf_ru bytea NOT NULL,
    pdf_en bytea NOT NULL,
    reopened_at timestamptz,
    reopened_by uuid REFERENCES app.accounts (account_id),
    reopened_because text NOT NULL DEFAULT '',
    CHECK ((reopened_at IS NULL) = (reopened_by IS NULL))
);
CREATE UNIQUE INDEX closings_once ON app.closings (outlet_id, first) WHERE reopened_at IS NULL;
CREATE INDEX closings_account ON app.closings (account_id, first DESC);

CREATE TABLE app.closed_documents (
    closing_id uuid NOT NULL REFERENCES app.closings,
    outlet_id uuid NOT NULL,
    kind text NOT NULL,  -- sale, return, cash, opening, closing (of a shift)
    id text NOT NULL,
    till_id uuid NOT NULL,
    number text NOT NULL,
    at timestamptz NOT NULL,
    day date NOT NULL,
    amount numeric NOT NULL,  -- what it adds to the revenue; 0 of what is no receipt or does not count
    counts boolean NOT NULL,
    run uuid NOT NULL,
    seq bigint NOT NULL,
    log_offset bigint NOT NULL,
    content text NOT NULL,  -- a digest of what it says
    PRIMARY KEY (closing_id, kind, id, till_id)
);
SELECT app.isolate('app.closed_documents');

-- What was closed stays as it is; of a closing only its reopening can be written, once.
CREATE FUNCTION app.keep_closing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
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
CREATE TRIGGER keep BEFORE UPDATE OR DELETE ON app.closings FOR EACH ROW EXECUTE FUNCTION app.keep_closing();
CREATE TRIGGER keep BEFORE UPDATE OR DELETE ON app.closed_documents FOR EACH ROW EXECUTE FUNCTION app.keep_closing();

CREATE FUNCTION app.note_closing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM app.note(
        NEW.account_id, CASE WHEN TG_OP = 'INSERT' THEN 'month_closed' ELSE 'month_reopened' END,
        to_char(NEW.first, 'YYYY-MM') || CASE WHEN TG_OP = 'INSERT' THEN '' ELSE ': ' || NEW.reopened_because END,
        NEW.outlet_id);
    RETURN NULL;
END
$$;
CREATE TRIGGER note AFTER INSERT OR UPDATE OF reopened_at ON app.closings
FOR EACH ROW EXECUTE FUNCTION app.note_closing();

-- The checksum of each day of a read model, of an outlet in a range of days: the same as `app.checksums` makes for
-- certificates, of the generation on the search path.
CREATE FUNCTION app.day_checksums(relation name, ignored text[], of_outlet uuid, first date, last date) RETURNS TABLE (
    day date, rows bigint, checksum text
) LANGUAGE plpgsql STABLE SET timezone = 'UTC' SET datestyle = 'ISO' AS $$
DECLARE
    of_table regclass := relation::text::regclass;
    columns text;
BEGIN
    SELECT string_agg(format(CASE WHEN type = 'numeric'::regtype THEN 'trim_scale(%I)' ELSE '%I' END, name), ', ')
    INTO columns FROM app.business_columns(of_table, ignored);
    RETURN QUERY EXECUTE format(
        'SELECT r.day, count(*), encode(sha256(string_agg(r.h, ''''::bytea ORDER BY r.h)), ''hex'')'
        ' FROM (SELECT day, sha256(convert_to(ROW(%1$s)::text, ''UTF8'')) AS h FROM %2$s'
        ' WHERE outlet_id = $1 AND day BETWEEN $2 AND $3) r GROUP BY r.day ORDER BY r.day',
        columns, of_table) USING of_outlet, first, last;
END
$$;
