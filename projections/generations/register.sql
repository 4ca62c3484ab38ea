-- name: any_generation
SELECT number FROM app.generations LIMIT 1;

-- name: register_generation
INSERT INTO app.generations (number, schema_name, state, fold_version, purpose, name, until, projections)
SELECT n, 'gen_' || n, %(state)s, %(fold_version)s, %(purpose)s, %(name)s, %(until)s, %(projections)s
FROM (SELECT coalesce(max(number), 0) + 1 AS n FROM app.generations) next
RETURNING number, schema_name, state, fold_version, name, until, purpose, projections;

-- name: hold_register
-- Whoever registers or switches waits for the other; readers, and batches that hold the live one, do not.
LOCK TABLE app.generations IN SHARE ROW EXCLUSIVE MODE;

-- name: create_schema
SELECT app.create_generation_schema(%(schema_name)s);

-- name: isolate
-- For a new generation: each table's rows are shown to their outlets' account alone.
SELECT app.isolate(name::regclass) FROM unnest(%(tables)s::text[]) AS name;

-- name: grant
-- What the processes' roles may do in a new generation.
SELECT app.grant_generation(%(schema_name)s);

-- name: bind_owner
SELECT app.bind_owner(%(schema_name)s, %(bound)s);

-- name: use_schema
SELECT set_config('search_path', %(schema_name)s, true);

-- name: hold_live
SELECT number, schema_name, state, fold_version, name, until, purpose, projections
FROM app.generations WHERE state = 'live' FOR SHARE;

-- name: live
SELECT number, schema_name, state, fold_version, name, until, purpose, projections FROM app.generations WHERE state = 'live';

-- name: numbered
SELECT number, schema_name, state, fold_version, name, until, purpose, projections
FROM app.generations WHERE number = %(number)s;

-- name: named
SELECT number, schema_name, state, fold_version, name, until, purpose, projections FROM app.generations WHERE name = %(name)s;

-- name: all_generations
SELECT number, schema_name, state, fold_version, name, until, purpose, projections FROM app.generations ORDER BY number;

-- name: unfinished
SELECT number, schema_name, state, fold_version, name, until, purpose, projections
FROM app.generations
WHERE state IN ('building', 'ready') AND purpose = 'report'
ORDER BY number DESC;

-- name: superseded
-- Old generations but the one that was live last, the oldest first.
SELECT number, schema_name, state, fold_version, name, until, purpose, projections
FROM app.generations
WHERE state = 'old' AND purpose = 'report'
    AND number <> (SELECT number FROM app.generations WHERE state = 'old' ORDER BY switched_at DESC NULLS LAST, number DESC LIMIT 1)
ORDER BY number;

-- name: leftover_checks
SELECT number, schema_name, state, fold_version, name, until, purpose, projections FROM app.generations WHERE purpose = 'check';

-- name: stop_applying
-- Batches hold the live generation's row FOR SHARE, which this lock waits for and keeps away; pages only read. A row
-- lock would not do: sharers could go on forever past a waiting switch, and would not find the new live row after it.
LOCK TABLE app.generations IN EXCLUSIVE MODE;

-- name: set_state
UPDATE app.generations SET state = %(state)s WHERE number = %(number)s;

-- name: retire_live
UPDATE app.generations SET state = 'old' WHERE state = 'live';

-- name: mark_switched
UPDATE app.generations SET switched_at = now() WHERE number = %(number)s;

-- name: unregister
DELETE FROM app.generations WHERE number = %(number)s;

-- name: wait_for_locks
-- How long the transaction waits for a lock before it fails.
SELECT set_config('lock_timeout', %(milliseconds)s, true);

-- name: readers
-- Who holds locks on a generation's tables: the process of PostgreSQL, its program, since when.
SELECT DISTINCT a.pid, coalesce(a.application_name, ''), coalesce(a.xact_start, now()) AS since
FROM pg_locks l
JOIN pg_class c ON c.oid = l.relation
JOIN pg_stat_activity a ON a.pid = l.pid AND a.datname = current_database()
WHERE c.relnamespace = to_regnamespace(%(schema_name)s) AND l.granted AND a.pid <> pg_backend_pid()
ORDER BY since, a.pid;

-- name: drop_schema
SELECT app.drop_generation_schema(%(schema_name)s);

-- name: point_reports
-- For analysts, in the transaction that makes a generation live: the views of the schema `report` show it from then on.
SELECT app.point_reports(%(schema_name)s);

-- name: positions
SELECT partition, next_offset FROM positions ORDER BY partition;

-- name: log_positions
SELECT partition, next_offset, coalesce(topic_id::text, ''), log_time FROM positions ORDER BY partition;

-- name: sizes
SELECT g.number, g.created_at, g.switched_at, coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint AS bytes
FROM app.generations g
LEFT JOIN pg_class c ON c.relnamespace = to_regnamespace(g.schema_name) AND c.relkind = 'r'
GROUP BY g.number
ORDER BY g.number;
