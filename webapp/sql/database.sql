-- name: begin_reading
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY;
SET LOCAL ROLE weboffice_portal

-- name: bind_account
SELECT set_config('weboffice.account', %(account)s, true), set_config('search_path', schema_name, true)
FROM app.generations
WHERE CASE WHEN %(generation)s::integer IS NULL THEN state = 'live' ELSE number = %(generation)s AND state = 'named' END;
