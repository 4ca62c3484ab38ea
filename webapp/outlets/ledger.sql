-- name: runs
SELECT
    coalesce(t.name, '') AS till, r.till_id, r.run, r.read, r.applied, r.duplicate, r.discarded, r.applied_through,
    r.given_up
FROM runs r
LEFT JOIN app.tills t ON t.till_id = r.till_id
WHERE r.outlet_id = %(outlet)s
ORDER BY t.created_at, r.till_id, r.applied_through DESC, r.run;

-- name: held_back
SELECT till_id, run, 'parked', first_seq, last_seq FROM parked WHERE outlet_id = %(outlet)s
UNION ALL
SELECT till_id, run, 'quarantined', first_seq, last_seq
FROM quarantine
WHERE outlet_id = %(outlet)s AND discarded_because IS NULL AND run IS NOT NULL;

-- name: set_aside
SELECT coalesce(t.name, ''), q.first_seq, q.last_seq, q.log_time
FROM quarantine q
LEFT JOIN app.tills t ON t.till_id = q.till_id
WHERE q.outlet_id = %(outlet)s AND q.discarded_because IS NULL
ORDER BY q.log_time, q.log_offset, q.first_seq
LIMIT 100;
