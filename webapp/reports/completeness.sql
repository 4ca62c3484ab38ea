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
) h
LEFT JOIN runs r ON r.outlet_id = h.outlet_id AND r.till_id = h.till_id AND r.run = h.run
LEFT JOIN app.tills t ON t.till_id = h.till_id
ORDER BY 1, 2, 3, 8;

-- name: off_days
SELECT
    d.outlet_id, d.day, d.unreconciled, (
        SELECT coalesce(sum(p.amount), 0) FROM payments p WHERE p.outlet_id = d.outlet_id AND p.day = d.day
    ) - d.revenue
FROM unnest(%(outlets)s::uuid[], %(firsts)s::date[], %(lasts)s::date[]) AS w (outlet_id, first, last)
JOIN daily d ON d.outlet_id = w.outlet_id AND d.day BETWEEN w.first AND w.last
WHERE d.unreconciled > 0
ORDER BY d.outlet_id, d.day DESC;
