-- name: off_days
-- For the dashboard and the report: days with receipts that do not add up; too much and too little are not set off.
SELECT d.outlet_id, d.day, d.unreconciled, coalesce(sum(greatest(off.difference, 0)), 0),
    coalesce(sum(greatest(-off.difference, 0)), 0)
FROM unnest(%(outlets)s::uuid[], %(firsts)s::date[], %(lasts)s::date[]) AS w (outlet_id, first, last)
JOIN daily d ON d.outlet_id = w.outlet_id AND d.day BETWEEN w.first AND w.last
CROSS JOIN LATERAL (
    SELECT s.difference
    FROM sales_standing s
    WHERE s.outlet_id = d.outlet_id AND s.day = d.day AND s.difference <> 0
        AND s.at >= (d.day - 1)::timestamp AT TIME ZONE 'UTC' AND s.at < (d.day + 2)::timestamp AT TIME ZONE 'UTC'
    UNION ALL
    SELECT -r.difference
    FROM returns_standing r
    WHERE r.outlet_id = d.outlet_id AND r.day = d.day AND r.difference <> 0
        AND r.at >= (d.day - 1)::timestamp AT TIME ZONE 'UTC' AND r.at < (d.day + 2)::timestamp AT TIME ZONE 'UTC'
) off
WHERE d.unreconciled > 0
GROUP BY d.outlet_id, d.day, d.unreconciled
ORDER BY d.outlet_id, d.day DESC;
