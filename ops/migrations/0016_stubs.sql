-- What is quarantined because `anonymise` could not read it (a stub) gives way to readable content that comes later, so
-- the quarantine of every generation says which those are. A stub's fault is a reason, any other one a traceback.
CREATE FUNCTION app.tell_stubs(of_schema name) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %I.quarantine ADD COLUMN stub boolean NOT NULL DEFAULT false', of_schema);
    EXECUTE format('UPDATE %I.quarantine SET stub = NOT starts_with(traceback, ''Traceback'')', of_schema);
END
$$;
SELECT app.tell_stubs(schema_name) FROM app.generations ORDER BY number;
DROP FUNCTION app.tell_stubs(name);
