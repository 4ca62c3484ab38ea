-- name: folded_live
-- Of pieces that a replay sets aside those that the live generation (the search path's) has folded, by account: its run
-- is past them and it has nothing of their record set aside.
SELECT o.account_id::text
FROM json_to_recordset(%(rows)s::json) AS a (
    outlet_id uuid, till_id uuid, run uuid, partition integer, log_offset bigint, last_seq bigint
)
JOIN app.outlets o USING (outlet_id)
JOIN runs r USING (outlet_id, till_id, run)
WHERE r.applied_through >= a.last_seq
    AND NOT EXISTS (SELECT FROM quarantine q WHERE (q.partition, q.log_offset) = (a.partition, a.log_offset));
