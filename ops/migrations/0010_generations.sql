-- What a generation is built for: 'report' for one that may go live or be kept, 'check' for one that only serves a
-- comparison (verify) or a repair (a retried quarantine) and is dropped afterwards.
ALTER TABLE app.generations ADD COLUMN purpose text NOT NULL DEFAULT 'report' CHECK (purpose IN ('report', 'check'));

CREATE FUNCTION app.drop_generation_schema(schema_name text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('DROP SCHEMA IF EXISTS %I CASCADE', schema_name);
END
$$;

-- A checksum over the business columns of a projection's rows of an outlet and day ('' for the rows' own order, NULL
-- day for a projection without days). Offsets and the fold's version stand beside the checksum, not in it.
CREATE TABLE app.certificates (
    generation integer NOT NULL REFERENCES app.generations (number) ON DELETE CASCADE,
    projection text NOT NULL,
    outlet_id uuid NOT NULL,
    day date,
    rows bigint NOT NULL,
    checksum text NOT NULL,
    offsets jsonb NOT NULL,  -- partition → next offset, as the rows stood
    fold_version text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE NULLS NOT DISTINCT (generation, projection, outlet_id, day)
);
SELECT app.isolate('app.certificates');
