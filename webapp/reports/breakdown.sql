-- On `OFFSET 0` see sums.sql.

-- name: methods
SELECT p.method, sum(p.amount) AS amount, sum(p.count)::integer AS count, sum(p.refunds)::integer AS refunds
FROM unnest(%(outlets)s::uuid[], %(firsts)s::date[], %(lasts)s::date[]) AS w (outlet_id, first, last)
JOIN payments p ON p.outlet_id = w.outlet_id AND p.day BETWEEN w.first AND w.last
GROUP BY p.method
HAVING sum(p.amount) <> 0 OR sum(p.count) <> 0 OR sum(p.refunds) <> 0
ORDER BY sum(p.amount) DESC, p.method;

-- name: hours_of_week
SELECT extract(isodow FROM h.day)::integer, h.hour::integer, sum(h.revenue), sum(h.sales)::integer
FROM unnest(%(outlets)s::uuid[], %(firsts)s::date[], %(lasts)s::date[]) AS w (outlet_id, first, last)
JOIN hourly h ON h.outlet_id = w.outlet_id AND h.day BETWEEN w.first AND w.last
GROUP BY 1, 2;

-- name: sold_goods
SELECT
    t.outlet_id, t.good_id, coalesce(g.name, n.name, t.good_id) AS name, g.category, t.quantity, t.amount
FROM (
    SELECT
        p.outlet_id, p.good_id, sum(p.quantity) - sum(p.returned_quantity) AS quantity,
        sum(p.revenue) - sum(p.returned_sum) AS amount
    FROM unnest(%(outlets)s::uuid[], %(firsts)s::date[], %(lasts)s::date[]) AS w (outlet_id, first, last)
    CROSS JOIN LATERAL (
        SELECT * FROM sold s WHERE s.outlet_id = w.outlet_id AND s.day BETWEEN w.first AND w.last OFFSET 0
    ) p
    GROUP BY p.outlet_id, p.good_id
    HAVING sum(p.quantity) <> 0 OR sum(p.returned_quantity) <> 0
) t
LEFT JOIN goods g ON g.outlet_id = t.outlet_id AND g.good_id = t.good_id
LEFT JOIN good_names n ON n.outlet_id = t.outlet_id AND n.good_id = t.good_id
ORDER BY t.amount DESC, t.good_id, t.outlet_id;

-- name: best
-- The best goods, and the best groups as rows without a good: counted once, and the thousands of others stay here.
WITH sums AS MATERIALIZED (
    SELECT
        p.outlet_id, p.good_id, sum(p.quantity) - sum(p.returned_quantity) AS quantity,
        sum(p.revenue) - sum(p.returned_sum) AS amount
    FROM unnest(%(outlets)s::uuid[], %(firsts)s::date[], %(lasts)s::date[]) AS w (outlet_id, first, last)
    CROSS JOIN LATERAL (
        SELECT * FROM sold s WHERE s.outlet_id = w.outlet_id AND s.day BETWEEN w.first AND w.last OFFSET 0
    ) p
    GROUP BY p.outlet_id, p.good_id
    HAVING sum(p.quantity) <> 0 OR sum(p.returned_quantity) <> 0
), grouped AS MATERIALIZED (
    SELECT t.outlet_id, t.good_id, g.name, g.category, t.quantity, t.amount
    FROM sums t
    LEFT JOIN goods g ON g.outlet_id = t.outlet_id AND g.good_id = t.good_id
)
(
    SELECT b.outlet_id, b.good_id, coalesce(b.name, n.name, b.good_id), b.category, b.quantity, b.amount
    FROM (SELECT * FROM grouped ORDER BY amount DESC, good_id, outlet_id LIMIT %(most)s) b
    LEFT JOIN good_names n ON n.outlet_id = b.outlet_id AND n.good_id = b.good_id
    ORDER BY b.amount DESC, b.good_id, b.outlet_id
)
UNION ALL
(
    SELECT NULL, NULL, NULL, coalesce(category, ''), sum(quantity), sum(amount)
    FROM grouped
    GROUP BY coalesce(category, '')
    ORDER BY sum(amount) DESC, coalesce(category, '')
    LIMIT %(most)s
);

-- name: off_receipts
SELECT *
FROM (
    SELECT 'sale' AS kind, s.outlet_id, s.sale_id, s.till_id, s.number, s.day, s.difference
    FROM unnest(%(outlets)s::uuid[], %(firsts)s::date[], %(lasts)s::date[]) AS w (outlet_id, first, last)
    JOIN daily d ON d.outlet_id = w.outlet_id AND d.day BETWEEN w.first AND w.last AND d.unreconciled > 0
    CROSS JOIN LATERAL (
        SELECT *
        FROM sales_standing s
        WHERE s.outlet_id = d.outlet_id AND s.day = d.day
            AND s.at >= (d.day - 1)::timestamp AT TIME ZONE 'UTC' AND s.at < (d.day + 2)::timestamp AT TIME ZONE 'UTC'
        OFFSET 0
    ) s
    WHERE s.difference <> 0
    UNION ALL
    SELECT 'return', r.outlet_id, r.sale_id, r.till_id, r.return_id, r.day, -r.difference
    FROM unnest(%(outlets)s::uuid[], %(firsts)s::date[], %(lasts)s::date[]) AS w (outlet_id, first, last)
    JOIN daily d ON d.outlet_id = w.outlet_id AND d.day BETWEEN w.first AND w.last AND d.unreconciled > 0
    CROSS JOIN LATERAL (
        SELECT *
        FROM returns_standing r
        WHERE r.outlet_id = d.outlet_id AND r.day = d.day
            AND r.at >= (d.day - 1)::timestamp AT TIME ZONE 'UTC' AND r.at < (d.day + 2)::timestamp AT TIME ZONE 'UTC'
        OFFSET 0
    ) r
    WHERE r.difference <> 0
) off
ORDER BY day DESC, outlet_id, kind DESC, number, till_id
LIMIT 100;
