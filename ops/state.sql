-- name: live
SELECT number, schema_name, fold_version FROM app.generations WHERE state = 'live';

-- name: use_schema
SELECT set_config('search_path', %(schema_name)s, true);

-- name: events
SELECT coalesce(sum(read), 0), coalesce(sum(applied), 0), coalesce(sum(duplicate), 0), coalesce(sum(discarded), 0)
FROM runs;

-- name: held_back
SELECT
    (SELECT coalesce(sum(last_seq - first_seq + 1), 0) FROM parked),
    app.unresolved(),
    (SELECT count(DISTINCT (outlet_id, till_id, run)) FROM parked);

-- name: outlets
SELECT
    count(*),
    coalesce(max(extract(epoch FROM now() - t.data_through)), 0)::float8,
    count(*) FILTER (WHERE t.data_through < now() - interval '1 day')
FROM app.outlets o JOIN outlet_totals t USING (outlet_id)
WHERE o.removed_at IS NULL AND o.disabled_at IS NULL;

-- name: positions
SELECT coalesce(sum(next_offset), 0) FROM positions;

-- name: building
SELECT schema_name FROM app.generations
WHERE state = 'building' AND purpose = 'report'
ORDER BY number DESC LIMIT 1;

-- name: backup_age
-- For the alarm on backups: seconds since the latest one of `weboffice backup`, 0 where there was none.
SELECT coalesce(extract(epoch FROM now() - max(finished_at)), 0)::float8 FROM app.backups;
