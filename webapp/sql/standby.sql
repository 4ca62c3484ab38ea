-- name: primary_place
-- How far the primary's log goes: whatever is committed lies before.
SELECT pg_current_wal_lsn()::text;

-- name: behind
-- By how many bytes the standby is behind that place; NULL where it is none.
SELECT pg_wal_lsn_diff(%(place)s::pg_lsn, pg_last_wal_replay_lsn());

-- name: is_standby
SELECT pg_is_in_recovery();

-- name: lag
-- By how many seconds the standby is behind that place: since the commit that it replayed last, 0 where it has it all.
SELECT (CASE
    WHEN NOT pg_is_in_recovery() THEN 'infinity'
    WHEN pg_last_wal_replay_lsn() >= %(place)s::pg_lsn THEN 0
    ELSE extract(epoch FROM clock_timestamp() - coalesce(pg_last_xact_replay_timestamp(), pg_postmaster_start_time()))
END)::float8;
