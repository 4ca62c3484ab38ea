-- name: primary_place
-- How far the primary's log goes: whatever is committed lies before.
SELECT pg_current_wal_lsn()::text;

-- name: behind
-- By how many bytes the standby is behind that place; NULL where it is none.
SELECT pg_wal_lsn_diff(%(place)s::pg_lsn, pg_last_wal_replay_lsn());

-- name: is_standby
SELECT pg_is_in_recovery();
