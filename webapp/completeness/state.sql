-- name: totals
SELECT outlet_id, goods, sales, data_through FROM outlet_totals WHERE outlet_id = ANY (%(outlets)s);

-- name: held_back
SELECT h.outlet_id, h.till_id, h.run, coalesce(t.name, ''), coalesce(r.applied_through, 0),
    coalesce(r.given_up, '[]'), h.kind, h.first_seq, h.last_seq
FROM (
    SELECT outlet_id, till_id, run, 'parked' AS kind, first_seq, last_seq
    FROM parked
    WHERE outlet_id = ANY (%(outlets)s)
    UNION ALL
    SELECT outlet_id, till_id, run, 'quarantined', first_seq, last_seq
    FROM quarantine
    WHERE outlet_id = ANY (%(outlets)s) AND discarded_because IS NULL AND run IS NOT NULL
    UNION ALL
    -- the empty span behind the last number that was lost with a log: what is below and not here is missing
    SELECT outlet_id, till_id, run, 'lost', lost_through + 1, lost_through
    FROM app.acknowledged
    WHERE outlet_id = ANY (%(outlets)s) AND lost_through > 0
) h
LEFT JOIN runs r ON r.outlet_id = h.outlet_id AND r.till_id = h.till_id AND r.run = h.run
LEFT JOIN app.tills t ON t.till_id = h.till_id
ORDER BY 1, 2, 3, 8;
