-- name: tables
-- Every table of the service with the columns of its primary key; `email` may be one and stays out of reports.
SELECT n.nspname::text, c.relname::text, coalesce(array(
    SELECT a.attname::text FROM pg_attribute a
    WHERE a.attrelid = c.oid AND a.attnum = ANY (i.indkey) AND a.attname <> 'email' ORDER BY a.attnum
), '{}')
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
WHERE c.relkind = 'r' AND (n.nspname = 'app' OR n.nspname IN (SELECT schema_name FROM app.generations))
ORDER BY 1, 2;
