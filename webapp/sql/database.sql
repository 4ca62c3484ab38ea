-- name: begin_reading
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY;
SET LOCAL ROLE weboffice_portal

-- name: made_with
-- The projections of the live generation, or of the kept one of that number.
SELECT projections
FROM app.generations
WHERE CASE WHEN %(generation)s::integer IS NULL THEN state = 'live' ELSE number = %(generation)s AND state = 'named' END;

-- name: bind_account
SELECT
    set_config('weboffice.account', %(account)s, true), set_config('weboffice.outlets', %(outlets)s, true),
    set_config('search_path', schema_name, true),
    set_config('statement_timeout', %(milliseconds)s, true)
FROM app.generations
WHERE CASE WHEN %(generation)s::integer IS NULL THEN state = 'live' ELSE number = %(generation)s AND state = 'named' END;

-- name: name_member
-- Who acts for the account's owner, for the journal.
SELECT set_config('weboffice.person', %(person)s, true);

-- name: configure
-- The limit of every statement over a connection; a reading sets its own. What is prepared is planned for its values.
SELECT
    set_config('statement_timeout', %(milliseconds)s, false), set_config('plan_cache_mode', 'force_custom_plan', false);
