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

-- name: sums
-- What each good brought. An outlet is summed up by itself, in little memory; what is nothing for nearly every row (what
-- came back) is added up only where it is something; and `earliest` and `latest` tell PostgreSQL how many rows there are.
SELECT w.outlet_id, k.good_id, k.quantity, k.amount
FROM unnest(%(outlets)s::uuid[], %(firsts)s::date[], %(lasts)s::date[]) AS w (outlet_id, first, last)
CROSS JOIN LATERAL (
    SELECT
        s.good_id,
        sum(s.quantity) - coalesce(sum(s.returned_quantity) FILTER (WHERE s.returned_quantity <> 0), 0) AS quantity,
        sum(s.revenue) - coalesce(sum(s.returned_sum) FILTER (WHERE s.returned_sum <> 0), 0) AS amount
    FROM (
        SELECT s.good_id, s.quantity, s.revenue, s.returned_quantity, s.returned_sum
        FROM sold s
        WHERE s.outlet_id = w.outlet_id AND s.day BETWEEN %(earliest)s::date AND %(latest)s::date
            AND CASE WHEN s.day BETWEEN w.first AND w.last THEN true END
        ORDER BY s.good_id
        OFFSET 0  -- good by good, as in sold.sql
    ) s
    GROUP BY s.good_id
    HAVING bool_or(s.quantity <> 0 OR s.returned_quantity <> 0)
) k;

-- name: sold_goods over sums
SELECT
    t.outlet_id, t.good_id, coalesce(g.name, n.name, t.good_id) AS name, g.category, t.quantity, t.amount
FROM sums t
LEFT JOIN goods g ON g.outlet_id = t.outlet_id AND g.good_id = t.good_id
LEFT JOIN good_names n ON n.outlet_id = t.outlet_id AND n.good_id = t.good_id
ORDER BY t.amount DESC, t.good_id, t.outlet_id;

-- name: best over sums
-- The best goods, and the best groups as rows without a good: counted once, and the thousands of others stay here.
(
    SELECT b.outlet_id, b.good_id, coalesce(g.name, n.name, b.good_id), g.category, b.quantity, b.amount
    FROM (SELECT * FROM sums ORDER BY amount DESC, good_id, outlet_id LIMIT %(most)s) b
    LEFT JOIN goods g ON g.outlet_id = b.outlet_id AND g.good_id = b.good_id
    LEFT JOIN good_names n ON n.outlet_id = b.outlet_id AND n.good_id = b.good_id
    ORDER BY b.amount DESC, b.good_id, b.outlet_id
)
UNION ALL
(
    SELECT NULL, NULL, NULL, coalesce(g.category, ''), sum(t.quantity), sum(t.amount)
    FROM sums t
    LEFT JOIN goods g ON g.outlet_id = t.outlet_id AND g.good_id = t.good_id
    GROUP BY coalesce(g.category, '')
    ORDER BY sum(t.amount) DESC, coalesce(g.category, '')
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
            AND s.difference <> 0
        OFFSET 0
    ) s
    UNION ALL
    SELECT 'return', r.outlet_id, r.sale_id, r.till_id, r.return_id, r.day, -r.difference
    FROM unnest(%(outlets)s::uuid[], %(firsts)s::date[], %(lasts)s::date[]) AS w (outlet_id, first, last)
    JOIN daily d ON d.outlet_id = w.outlet_id AND d.day BETWEEN w.first AND w.last AND d.unreconciled > 0
    CROSS JOIN LATERAL (
        SELECT *
        FROM returns_standing r
        WHERE r.outlet_id = d.outlet_id AND r.day = d.day
            AND r.at >= (d.day - 1)::timestamp AT TIME ZONE 'UTC' AND r.at < (d.day + 2)::timestamp AT TIME ZONE 'UTC'
            AND r.difference <> 0
        OFFSET 0
    ) r
) off
ORDER BY day DESC, outlet_id, kind DESC, number, till_id
LIMIT 100;
