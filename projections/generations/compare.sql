-- name: tables
SELECT relname::text FROM pg_class
WHERE relnamespace = %(schema_name)s::regnamespace AND relkind = 'r'
ORDER BY relname;

-- name: columns
SELECT name FROM app.business_columns(format('%%I.%%I', %(schema_name)s::text, %(relation)s::text)::regclass, %(ignored)s);

-- name: key
SELECT name FROM app.business_columns(format('%%I.%%I', %(schema_name)s::text, %(relation)s::text)::regclass, %(ignored)s)
WHERE in_key;

-- name: differences
SELECT total, was_row::text, new_row::text
FROM app.differences(%(was)s, %(becomes)s, %(relation)s, %(ignored)s, %(since)s::jsonb, %(most)s);

-- name: checksums
SELECT outlet_id::text, day, rows, checksum FROM app.checksums(%(schema_name)s, %(relation)s, %(ignored)s);
