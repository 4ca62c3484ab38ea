-- COPY is refused to an owner that row-level security binds (FORCE). While a generation is being built nobody reads it,
-- so its owner is let off; the portal's role, which owns nothing, is bound by row-level security all the time.
CREATE FUNCTION app.bind_owner(of_schema name, bound boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    relation regclass;
BEGIN
    FOR relation IN
        SELECT oid FROM pg_class
        WHERE relnamespace = of_schema::text::regnamespace AND relkind = 'r' AND relrowsecurity ORDER BY relname
    LOOP
        EXECUTE format(
            'ALTER TABLE %s %s ROW LEVEL SECURITY', relation, CASE WHEN bound THEN 'FORCE' ELSE 'NO FORCE' END);
    END LOOP;
END
$$;
