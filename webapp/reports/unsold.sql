-- Goods in stock that nobody bought from a day (`firsts`) on; when they were sold last is looked for in the 400 days before
-- it. `worth` is what they cost, else what they would bring; without `costs` the latter. `sums_…` are those of all rows.
-- On `OFFSET 0` see sums.sql. Stock and sales are summed together: joined, PostgreSQL would compare each good with each.

-- name: rows
-- A list (webapp/lists).
SELECT
    d.*, count(*) OVER () AS sums_goods, coalesce(sum(d.cost_sum) OVER (), 0) AS sums_cost_sum,
    count(*) FILTER (WHERE d.cost IS NULL) OVER () AS sums_without_cost,
    coalesce(sum(d.price_sum) OVER (), 0) AS sums_price_sum
FROM (
    SELECT
        g.outlet_id, g.good_id, g.name, g.category, g.cost, g.max_price, shelf.quantity, shelf.moved_at, shelf.last_sold,
        coalesce(shelf.quantity * CASE WHEN %(costs)s::boolean THEN coalesce(g.cost, g.max_price) ELSE g.max_price END, 0) AS worth,
        shelf.quantity * g.cost AS cost_sum, shelf.quantity * g.max_price AS price_sum
    FROM (
        SELECT
            e.outlet_id, e.good_id, sum(e.quantity) AS quantity, max(e.moved_at) AS moved_at, max(e.sold_on) AS last_sold
        FROM (
            SELECT s.outlet_id, s.good_id, s.quantity, s.moved_at, NULL::date AS sold_on, false AS lately
            FROM stock s
            WHERE s.outlet_id = ANY (%(outlets)s::uuid[])
            UNION ALL
            SELECT w.outlet_id, q.good_id, 0, NULL, q.day, q.day >= w.first
            FROM unnest(%(outlets)s::uuid[], %(firsts)s::date[]) AS w (outlet_id, first)
            CROSS JOIN LATERAL (
                SELECT * FROM sold s WHERE s.outlet_id = w.outlet_id AND s.day >= w.first - 400 OFFSET 0
            ) q
            WHERE q.quantity > 0
        ) e
        GROUP BY e.outlet_id, e.good_id
        HAVING sum(e.quantity) > 0 AND NOT bool_or(e.lately)
    ) shelf
    JOIN goods g ON g.outlet_id = shelf.outlet_id AND g.good_id = shelf.good_id AND NOT g.removed
) d;
