-- name: live
SELECT number, schema_name, fold_version FROM app.generations WHERE state = 'live';

-- name: use_schema
SELECT set_config('search_path', %(schema_name)s, true);

-- name: outlets
SELECT o.outlet_id::text, t.data_through
FROM app.outlets o LEFT JOIN outlet_totals t USING (outlet_id)
WHERE o.removed_at IS NULL
ORDER BY o.outlet_id;

-- name: quarantined
SELECT app.unresolved();
