-- name: runs
-- Those of which everything was lost with a log are there, too.
SELECT
    coalesce(t.name, '') AS till, k.till_id, k.run, coalesce(r.read, 0), coalesce(r.applied, 0),
    coalesce(r.duplicate, 0), coalesce(r.discarded, 0), coalesce(r.applied_through, 0), coalesce(r.given_up, '[]'),
    coalesce(a.lost_through, 0)
FROM (
    SELECT till_id, run FROM runs WHERE outlet_id = %(outlet)s
    UNION
    SELECT till_id, run FROM app.acknowledged WHERE outlet_id = %(outlet)s AND lost_through > 0
) k
LEFT JOIN runs r ON r.outlet_id = %(outlet)s AND r.till_id = k.till_id AND r.run = k.run
LEFT JOIN app.acknowledged a ON a.outlet_id = %(outlet)s AND a.till_id = k.till_id AND a.run = k.run
LEFT JOIN app.tills t ON t.till_id = k.till_id
ORDER BY t.created_at, k.till_id, coalesce(r.applied_through, 0) DESC, k.run;

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
