-- name: server
SELECT current_setting('server_version_num')::int, current_setting('server_version'),
    current_setting('server_encoding'), current_setting('fsync'), current_setting('synchronous_commit'),
    current_setting('log_min_error_statement'), current_setting('log_parameter_max_length_on_error');

-- name: our_role
SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user;

-- name: portal_role
SELECT rolsuper, rolbypassrls, pg_has_role(current_user, oid, 'SET'),
    (SELECT count(*) FROM pg_class WHERE relowner = r.oid)
FROM pg_roles r WHERE rolname = 'weboffice_portal';

-- name: unbound_tables
-- What the portal's role may read and what belongs to an outlet, without row-level security that binds its owner too.
SELECT c.oid::regclass::text
FROM pg_class c
WHERE c.relkind IN ('r', 'p') AND c.relnamespace IN (
        SELECT oid FROM pg_namespace WHERE nspname = 'app' OR nspname IN (SELECT schema_name FROM app.generations))
    AND has_table_privilege('weboffice_portal', c.oid, 'SELECT')
    AND EXISTS (SELECT FROM pg_attribute WHERE attrelid = c.oid AND attname IN ('outlet_id', 'account_id') AND NOT attisdropped)
    AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
ORDER BY 1;

-- name: bound_tables
SELECT count(*) FROM pg_class c WHERE c.relkind IN ('r', 'p') AND c.relrowsecurity AND c.relforcerowsecurity;

-- name: migrations
SELECT name FROM public.weboffice_migrations;

-- name: has_migrations
SELECT to_regclass('public.weboffice_migrations') IS NOT NULL;

-- name: unknown_zones
SELECT DISTINCT zone FROM app.outlets WHERE zone NOT IN (SELECT name FROM pg_timezone_names) ORDER BY 1;

-- name: live
SELECT number FROM app.generations WHERE state = 'live';

-- name: spare_generations
-- Generations that serve nobody: how many and their bytes. The live one, the one that was live before it, kept reports and
-- those being built are none.
SELECT string_agg(g.number::text, ', ' ORDER BY g.number), count(DISTINCT g.number), coalesce(sum(size.bytes), 0)::bigint
FROM app.generations g
CROSS JOIN LATERAL (
    SELECT sum(pg_total_relation_size(c.oid)) AS bytes
    FROM pg_class c
    WHERE c.relnamespace = to_regnamespace(g.schema_name) AND c.relkind = 'r'
) size
WHERE g.state = 'ready' OR (
    g.state = 'old'
    AND g.number <> (SELECT number FROM app.generations WHERE state = 'old' ORDER BY switched_at DESC NULLS LAST, number DESC LIMIT 1)
);

-- name: clock
SELECT extract(epoch FROM clock_timestamp())::float8;

-- name: backup
-- How many days ago the latest backup came to its end, NULL where none did; and whether a restore did not.
SELECT (SELECT extract(epoch FROM now() - max(finished_at)) / 86400 FROM app.backups)::float8,
    EXISTS (SELECT FROM app.restores WHERE finished_at IS NULL);
