-- What the rules of alarms look at, of an account's outlets. On `OFFSET 0` see webapp/reports/sums.sql.

-- name: heard
-- When each till was last heard of; those of importers are not expected.
SELECT a.outlet_id, t.till_id, t.name, max(a.changed_at)
FROM app.acknowledged a
JOIN app.tills t ON t.till_id = a.till_id
WHERE a.outlet_id = ANY (%(outlets)s) AND t.removed_at IS NULL AND NOT t.imported
GROUP BY a.outlet_id, t.till_id, t.name, t.created_at
ORDER BY a.outlet_id, t.created_at, t.till_id;

-- name: usual
-- The hours of the week in which a till sold on at least three of the four days before a day.
SELECT w.till_id, extract(isodow FROM s.local)::integer - 1, extract(hour FROM s.local)::integer
FROM unnest(%(outlets)s::uuid[], %(tills)s::uuid[], %(zones)s::text[], %(befores)s::date[])
    AS w (outlet_id, till_id, zone, before)
CROSS JOIN LATERAL (
    SELECT s.at AT TIME ZONE w.zone AS local
    FROM sales_standing s
    WHERE s.outlet_id = w.outlet_id AND s.till_id = w.till_id
        AND s.at >= (w.before - 28)::timestamp AT TIME ZONE w.zone AND s.at < w.before::timestamp AT TIME ZONE w.zone
    OFFSET 0
) s
GROUP BY 1, 2, 3
HAVING count(DISTINCT s.local::date) >= 3;

-- name: held
-- Since when something of a run waits or is set aside, and how many events were set aside.
SELECT h.outlet_id, h.till_id, coalesce(t.name, ''), h.run, min(h.log_time), sum(h.aside)::integer
FROM (
    SELECT outlet_id, till_id, run, log_time, 0 AS aside FROM parked WHERE outlet_id = ANY (%(outlets)s)
    UNION ALL
    SELECT outlet_id, till_id, run, log_time, last_seq - first_seq + 1
    FROM quarantine
    WHERE outlet_id = ANY (%(outlets)s) AND discarded_because IS NULL AND run IS NOT NULL
) h
LEFT JOIN app.tills t ON t.till_id = h.till_id
GROUP BY h.outlet_id, h.till_id, t.name, h.run
ORDER BY 1, 2, 4;

-- name: refused
SELECT f.outlet_id, f.till_id, coalesce(t.name, ''), count(*), min(f.received_at)
FROM refusals f
LEFT JOIN app.seen_refusals s ON s.outlet_id = f.outlet_id AND s.till_id = f.till_id AND s.run = f.run
LEFT JOIN app.tills t ON t.till_id = f.till_id
WHERE f.outlet_id = ANY (%(outlets)s) AND f.seq > coalesce(s.through, 0)
GROUP BY f.outlet_id, f.till_id, t.name
ORDER BY 1, 2;

-- name: clocks
SELECT DISTINCT ON (c.outlet_id, c.till_id) c.outlet_id, c.till_id, coalesce(t.name, ''), c.at, c.received_at
FROM wrong_clocks c
LEFT JOIN app.tills t ON t.till_id = c.till_id
WHERE c.outlet_id = ANY (%(outlets)s) AND c.received_at >= %(since)s
ORDER BY c.outlet_id, c.till_id, c.received_at DESC, c.run, c.seq DESC;

-- name: drawers
-- Of the shifts that were closed since a day; those whose opening or count nobody knows have none.
SELECT
    c.outlet_id, c.day, c.shift_id, c.till_id, coalesce(o.number, c.number, c.shift_id),
    c.cash - o.cash - coalesce(moved.sum, 0) - coalesce(paid.sum, 0)
FROM unnest(%(outlets)s::uuid[], %(firsts)s::date[]) AS w (outlet_id, first)
JOIN shift_closings c ON c.outlet_id = w.outlet_id AND c.day >= w.first AND c.cash IS NOT NULL
JOIN shift_openings o ON o.outlet_id = c.outlet_id AND o.shift_id = c.shift_id AND o.till_id = c.till_id
CROSS JOIN LATERAL (
    SELECT sum(s.moved_sum) AS sum
    FROM shift_sums s
    WHERE s.outlet_id = c.outlet_id AND s.shift_id = c.shift_id AND s.till_id = c.till_id
) moved
CROSS JOIN LATERAL (
    SELECT sum(p.amount) AS sum
    FROM shift_payments p
    WHERE p.outlet_id = c.outlet_id AND p.shift_id = c.shift_id AND p.till_id = c.till_id AND p.method = 'cash'
) paid
WHERE o.cash IS NOT NULL
ORDER BY 1, 2, 3, 4;

-- name: days
SELECT d.outlet_id, d.day, d.sales, d.goods_sum, d.discount_sum, d.returns, d.returns_sum, d.voided
FROM unnest(%(outlets)s::uuid[], %(todays)s::date[]) AS w (outlet_id, today)
JOIN daily d ON d.outlet_id = w.outlet_id AND d.day BETWEEN w.today - 28 AND w.today
ORDER BY 1, 2;

-- name: short
-- Goods below their least stock, and goods that were counted or are there and will do for less than so many days.
SELECT g.outlet_id, g.good_id, g.name, shelf.quantity, g.min_stock, p.cover
FROM unnest(%(outlets)s::uuid[], %(todays)s::date[], %(covers)s::integer[]) AS w (outlet_id, today, cover)
JOIN goods g ON g.outlet_id = w.outlet_id AND NOT g.removed
CROSS JOIN LATERAL (
    SELECT coalesce(sum(s.quantity), 0) AS quantity, max(s.counted_at) AS counted_at
    FROM stock s
    WHERE s.outlet_id = g.outlet_id AND s.good_id = g.good_id
) shelf
LEFT JOIN (
    SELECT w.outlet_id, q.good_id, sum(q.quantity - q.returned_quantity) AS sold
    FROM unnest(%(outlets)s::uuid[], %(todays)s::date[]) AS w (outlet_id, today)
    CROSS JOIN LATERAL (
        SELECT * FROM sold s WHERE s.outlet_id = w.outlet_id AND s.day BETWEEN w.today - 27 AND w.today OFFSET 0
    ) q
    GROUP BY w.outlet_id, q.good_id
) of_good ON of_good.outlet_id = g.outlet_id AND of_good.good_id = g.good_id
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN of_good.sold > 0 AND (shelf.quantity > 0 OR shelf.counted_at IS NOT NULL)
        THEN greatest(shelf.quantity, 0) * 28 / of_good.sold
    END AS cover
) p
WHERE shelf.quantity < g.min_stock OR p.cover < w.cover
ORDER BY g.outlet_id, g.good_id
LIMIT 5000;
