-- Replaces an outlet's rows of one table in the schema `into` by those of the same table in `taken_from`.
CREATE FUNCTION app.take_over(into_schema name, taken_from name, relation name, outlet uuid) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    columns text;
BEGIN
    SELECT string_agg(format('%I', name), ', ') INTO columns
    FROM app.business_columns(format('%I.%I', into_schema, relation)::regclass, '{}');
    EXECUTE format('DELETE FROM %I.%I WHERE outlet_id = $1', into_schema, relation) USING outlet;
    EXECUTE format(
        'INSERT INTO %1$I.%3$I (%4$s) SELECT %4$s FROM %2$I.%3$I WHERE outlet_id = $1',
        into_schema, taken_from, relation, columns) USING outlet;
END
$$;
