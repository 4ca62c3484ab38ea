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

-- name: receipts_back
-- How many receipts there are so many days before the last one.
SELECT w.last - d.day, sum(d.sales + d.returns)::integer
FROM unnest(%(outlets)s::uuid[], %(firsts)s::date[], %(lasts)s::date[]) AS w (outlet_id, first, last)
JOIN daily d ON d.outlet_id = w.outlet_id AND d.day BETWEEN w.first AND w.last
GROUP BY 1
ORDER BY 1;

-- name: sold_goods
SELECT
    p.outlet_id, p.good_id, coalesce(g.name, p.name, p.good_id) AS name, g.category, p.quantity, p.amount
FROM (
    SELECT p.outlet_id, p.good_id, max(p.name) AS name, sum(p.quantity) AS quantity, sum(p.amount) AS amount
    FROM (
        SELECT
            s.outlet_id, l.good_id, l.name, l.quantity, round(l.quantity * l.price, 2) - l.discount AS amount
        FROM unnest(%(outlets)s::uuid[], %(firsts)s::date[], %(lasts)s::date[]) AS w (outlet_id, first, last)
        CROSS JOIN LATERAL (
            SELECT *
            FROM sales s
            WHERE s.outlet_id = w.outlet_id AND s.day BETWEEN w.first AND w.last
                AND s.at >= (w.first - 1)::timestamp AT TIME ZONE 'UTC'
                AND s.at < (w.last + 2)::timestamp AT TIME ZONE 'UTC'
            OFFSET 0
        ) s
        CROSS JOIN LATERAL jsonb_to_recordset(s.lines) AS l (
            good_id text, name text, quantity numeric, price numeric, discount numeric
        )
        UNION ALL
        SELECT r.outlet_id, l.good_id, NULL, -l.quantity, -l.amount
        FROM unnest(%(outlets)s::uuid[], %(firsts)s::date[], %(lasts)s::date[]) AS w (outlet_id, first, last)
        CROSS JOIN LATERAL (
            SELECT *
            FROM returns r
            WHERE r.outlet_id = w.outlet_id AND r.day BETWEEN w.first AND w.last
                AND r.at >= (w.first - 1)::timestamp AT TIME ZONE 'UTC'
                AND r.at < (w.last + 2)::timestamp AT TIME ZONE 'UTC'
            OFFSET 0
        ) r
        CROSS JOIN LATERAL jsonb_to_recordset(r.lines) AS l (good_id text, quantity numeric, amount numeric)
    ) p
    GROUP BY p.outlet_id, p.good_id
) p
LEFT JOIN goods g ON g.outlet_id = p.outlet_id AND g.good_id = p.good_id
ORDER BY p.amount DESC, p.good_id, p.outlet_id;

-- name: best
-- The best goods, and the best groups as rows without a good: counted once, and the thousands of others stay here.
WITH sold AS MATERIALIZED (
    SELECT p.outlet_id, p.good_id, max(p.name) AS name, sum(p.quantity) AS quantity, sum(p.amount) AS amount
    FROM (
        SELECT
            s.outlet_id, l.good_id, l.name, l.quantity, round(l.quantity * l.price, 2) - l.discount AS amount
        FROM unnest(%(outlets)s::uuid[], %(firsts)s::date[], %(lasts)s::date[]) AS w (outlet_id, first, last)
        CROSS JOIN LATERAL (
            SELECT *
            FROM sales s
            WHERE s.outlet_id = w.outlet_id AND s.day BETWEEN w.first AND w.last
                AND s.at >= (w.first - 1)::timestamp AT TIME ZONE 'UTC'
                AND s.at < (w.last + 2)::timestamp AT TIME ZONE 'UTC'
            OFFSET 0
        ) s
        CROSS JOIN LATERAL jsonb_to_recordset(s.lines) AS l (
            good_id text, name text, quantity numeric, price numeric, discount numeric
        )
        UNION ALL
        SELECT r.outlet_id, l.good_id, NULL, -l.quantity, -l.amount
        FROM unnest(%(outlets)s::uuid[], %(firsts)s::date[], %(lasts)s::date[]) AS w (outlet_id, first, last)
        CROSS JOIN LATERAL (
            SELECT *
            FROM returns r
            WHERE r.outlet_id = w.outlet_id AND r.day BETWEEN w.first AND w.last
                AND r.at >= (w.first - 1)::timestamp AT TIME ZONE 'UTC'
                AND r.at < (w.last + 2)::timestamp AT TIME ZONE 'UTC'
            OFFSET 0
        ) r
        CROSS JOIN LATERAL jsonb_to_recordset(r.lines) AS l (good_id text, quantity numeric, amount numeric)
    ) p
    GROUP BY p.outlet_id, p.good_id
), named AS MATERIALIZED (
    SELECT p.outlet_id, p.good_id, coalesce(g.name, p.name, p.good_id) AS name, g.category, p.quantity, p.amount
    FROM sold p
    LEFT JOIN goods g ON g.outlet_id = p.outlet_id AND g.good_id = p.good_id
)
(
    SELECT outlet_id, good_id, name, category, quantity, amount
    FROM named
    ORDER BY amount DESC, good_id, outlet_id
    LIMIT %(most)s
)
UNION ALL
(
    SELECT NULL, NULL, NULL, coalesce(category, ''), sum(quantity), sum(amount)
    FROM named
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
        FROM sales s
        WHERE s.outlet_id = d.outlet_id AND s.day = d.day
            AND s.at >= (d.day - 1)::timestamp AT TIME ZONE 'UTC' AND s.at < (d.day + 2)::timestamp AT TIME ZONE 'UTC'
        OFFSET 0
    ) s
    WHERE s.difference <> 0
    UNION ALL
    SELECT 'return', r.outlet_id, r.sale_id, r.till_id, r.return_id, r.day, r.difference
    FROM unnest(%(outlets)s::uuid[], %(firsts)s::date[], %(lasts)s::date[]) AS w (outlet_id, first, last)
    JOIN daily d ON d.outlet_id = w.outlet_id AND d.day BETWEEN w.first AND w.last AND d.unreconciled > 0
    CROSS JOIN LATERAL (
        SELECT *
        FROM returns r
        WHERE r.outlet_id = d.outlet_id AND r.day = d.day
            AND r.at >= (d.day - 1)::timestamp AT TIME ZONE 'UTC' AND r.at < (d.day + 2)::timestamp AT TIME ZONE 'UTC'
        OFFSET 0
    ) r
    WHERE r.difference <> 0
) off
ORDER BY day DESC, outlet_id, kind DESC, number, till_id
LIMIT 100;
