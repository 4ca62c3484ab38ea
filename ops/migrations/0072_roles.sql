-- Processes log in with roles of their own; `ops/logins.sql` says what each may do. Roles belong to the whole cluster, so this
-- database may not be the first to make them.
DO $$
DECLARE
    role name;
BEGIN
    FOREACH role IN ARRAY ARRAY['weboffice_worker', 'weboffice_gateway', 'weboffice_accounts'] LOOP
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN', role);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;
        END;
    END LOOP;
END
$$;

-- Lets the processes' roles see all rows of a table that row-level security binds; whether they may read or write it, its
-- grants say. The role that figures are read under (weboffice_portal) is none of them.
CREATE FUNCTION app.admit_logins(relation regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = relation AND polname = 'logins') THEN
        EXECUTE format(
            'CREATE POLICY logins ON %s TO weboffice_worker, weboffice_gateway, weboffice_accounts'
            ' USING (true) WITH CHECK (true)', relation);
    END IF;
END
$$;

-- What the processes' roles may do in a generation: the worker writes it; the gateway tells a till what is applied; the
-- portal's metrics count. Nobody but the worker, and the portal's reading role for one account, sees a figure.
CREATE FUNCTION app.grant_generation(of_schema name) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM app.admit_logins(c.oid) FROM pg_class c
    WHERE c.relnamespace = of_schema::text::regnamespace AND c.relkind = 'r' AND c.relrowsecurity;
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO weboffice_worker, weboffice_gateway, weboffice_accounts', of_schema);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %I TO weboffice_worker', of_schema);
    EXECUTE format('GRANT SELECT ON %1$I.positions, %1$I.runs TO weboffice_gateway, weboffice_accounts', of_schema);
    EXECUTE format(
        'GRANT SELECT (outlet_id, till_id, run, first_seq, last_seq) ON %1$I.parked TO weboffice_gateway, weboffice_accounts',
        of_schema);
    EXECUTE format(
        'GRANT SELECT (partition, log_offset, outlet_id, till_id, run, first_seq, last_seq, discarded_because)'
        ' ON %1$I.quarantine TO weboffice_gateway, weboffice_accounts', of_schema);
    EXECUTE format('GRANT SELECT (outlet_id, data_through) ON %I.outlet_totals TO weboffice_accounts', of_schema);
END
$$;

-- The journal's old entries go by this alone: no process's role may delete from it.
CREATE FUNCTION app.expire_journal() RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    DELETE FROM app.journal WHERE at < now() - interval '180 days'
$$;
