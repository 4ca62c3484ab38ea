-- name: any_generation
SELECT number FROM app.generations LIMIT 1;

-- name: register_generation
INSERT INTO app.generations (number, schema_name, state, fold_version)
SELECT n, 'gen_' || n, %(state)s, %(fold_version)s
FROM (SELECT coalesce(max(number), 0) + 1 AS n FROM app.generations) next
RETURNING number, schema_name, state, fold_version;

-- name: create_schema
SELECT app.create_generation_schema(%(schema_name)s);

-- name: use_schema
SELECT set_config('search_path', %(schema_name)s, true);

-- name: hold_live
SELECT number, schema_name, state, fold_version FROM app.generations WHERE state = 'live' FOR SHARE;

-- name: mark_switched
UPDATE app.generations SET switched_at = now() WHERE number = %(number)s;
