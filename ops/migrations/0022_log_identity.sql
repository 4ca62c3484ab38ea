-- An offset means something in one log only: each generation remembers beside its positions which topic they are of.
CREATE FUNCTION app.tell_logs(of_schema name) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %I.positions ADD COLUMN topic_id uuid', of_schema);
END
$$;
SELECT app.tell_logs(schema_name) FROM app.generations ORDER BY number;
DROP FUNCTION app.tell_logs(name);
