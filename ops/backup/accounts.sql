-- name: tables
-- For a backup: the tables of `app`, each with its columns as they can be copied.
SELECT c.relname::text, array_agg(a.attname::text ORDER BY a.attnum)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = 'app'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
GROUP BY c.relname ORDER BY c.relname;

-- name: references
-- For a restore: which table names rows of which other one.
SELECT DISTINCT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint
WHERE contype = 'f' AND connamespace = 'app'::regnamespace AND conrelid <> confrelid;

-- name: identities
-- For a restore: columns whose numbers go on where those restored end.
SELECT c.relname::text, a.attname::text, pg_get_serial_sequence(c.oid::regclass::text, a.attname)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = 'app'::regnamespace AND c.relkind = 'r' AND a.attidentity <> '';

-- name: migrations
SELECT name FROM public.weboffice_migrations ORDER BY name;

-- name: is_set_up
SELECT to_regclass('public.weboffice_migrations') IS NOT NULL AND to_regclass('app.accounts') IS NOT NULL;

-- name: holds_accounts
SELECT EXISTS (SELECT FROM app.accounts);

-- name: has_restores
SELECT to_regclass('app.restores') IS NOT NULL;

-- name: restores
SELECT backup_id::text, taken_at, partitions, records_at IS NOT NULL, accounts_at IS NOT NULL, finished_at IS NOT NULL
FROM app.restores;

-- name: begin_restore
INSERT INTO app.restores (backup_id, taken_at, partitions) VALUES (%(backup_id)s, %(taken_at)s, %(partitions)s);

-- name: records_restored
UPDATE app.restores SET records_at = now();

-- name: accounts_restored
UPDATE app.restores SET accounts_at = now();

-- name: finished
UPDATE app.restores SET finished_at = now();

-- name: forget_places
-- The log has other offsets now; what names places in the earlier one has no meaning any more.
DELETE FROM app.discarded_records;

-- name: forget_witnesses
DELETE FROM app.witnesses;

-- name: bind_owner
SELECT app.bind_owner('app', %(bound)s);

-- name: note_backup
INSERT INTO app.backups (backup_id, taken_at, records) VALUES (%(backup_id)s, %(taken_at)s, %(records)s)
ON CONFLICT DO NOTHING;
