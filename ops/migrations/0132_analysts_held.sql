-- The time-out of a query is what an analyst's session begins with, and he may raise it (PostgreSQL has no bound on that); so what his
-- login was made with is kept, and the portal looks every few seconds.
ALTER TABLE app.analysts ADD COLUMN timeout_seconds integer NOT NULL DEFAULT 60 CHECK (timeout_seconds > 0);
ALTER TABLE app.analysts ALTER COLUMN timeout_seconds DROP DEFAULT;

-- Cancels queries that run longer than their login may, and ends sessions that hold a transaction open for longer than a minute and
-- that. Returns the number of both.
CREATE FUNCTION app.end_long_queries() RETURNS integer LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT count(*)::integer FROM (
        SELECT CASE WHEN s.state = 'active' THEN pg_cancel_backend(s.pid) ELSE pg_terminate_backend(s.pid) END
        FROM pg_stat_activity s JOIN app.analysts a ON s.usename = a.role
        WHERE s.datname = current_database() AND CASE WHEN s.state = 'active'
            THEN clock_timestamp() - s.query_start > make_interval(secs => a.timeout_seconds + 1)
            ELSE s.state LIKE 'idle in transaction%'
                AND clock_timestamp() - s.state_change > make_interval(secs => a.timeout_seconds + 61) END
    ) ended
$$;
REVOKE EXECUTE ON FUNCTION app.end_long_queries() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.end_long_queries() TO weboffice_accounts;
