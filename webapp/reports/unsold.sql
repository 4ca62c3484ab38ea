-- Goods in stock that nobody bought from a day (`firsts`) on; when they were sold last is looked for in the 400 days before
-- it. `worth` is what they cost, else what they would bring; without `costs` the latter. On `OFFSET 0` see sums.sql.

-- name: rows
-- A list (webapp/lists).
SELECT d.*, d.quantity * d.cost AS cost_sum, d.quantity * d.max_price AS price_sum
FROM (
    SELECT
        g.outlet_id, g.good_id, g.name, g.category, g.cost, g.max_price, shelf.quantity, shelf.moved_at, earlier.last_sold,
        coalesce(shelf.quantity * CASE WHEN %(costs)s::boolean THEN coalesce(g.cost, g.max_price) ELSE g.max_price END, 0) AS worth
    FROM unnest(%(outlets)s::uuid[], %(firsts)s::date[]) AS w (outlet_id, first)
    JOIN goods g ON g.outlet_id = w.outlet_id AND NOT g.removed
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(s.quantity), 0) AS quantity, max(s.moved_at) AS moved_at
        FROM stock s
        WHERE s.outlet_id = g.outlet_id AND s.good_id = g.good_id
    ) shelf
    LEFT JOIN (
        SELECT w.outlet_id, q.good_id, max(q.day) AS last_sold
        FROM unnest(%(outlets)s::uuid[], %(firsts)s::date[]) AS w (outlet_id, first)
        CROSS JOIN LATERAL (
            SELECT * FROM sold s WHERE s.outlet_id = w.outlet_id AND s.day >= w.first - 400 OFFSET 0
        ) q
        WHERE q.quantity > 0
        GROUP BY w.outlet_id, q.good_id
    ) earlier ON earlier.outlet_id = g.outlet_id AND earlier.good_id = g.good_id
    WHERE shelf.quantity > 0 AND (earlier.last_sold IS NULL OR earlier.last_sold < w.first)
) d;

-- name: total
-- How many there are, what they cost, how many of them have no cost, and what they would bring.
SELECT
    count(*)::integer AS goods, coalesce(sum(shelf.quantity * g.cost), 0) AS cost_sum,
    (count(*) FILTER (WHERE g.cost IS NULL))::integer AS without_cost,
    coalesce(sum(shelf.quantity * g.max_price), 0) AS price_sum
FROM unnest(%(outlets)s::uuid[], %(firsts)s::date[]) AS w (outlet_id, first)
JOIN goods g ON g.outlet_id = w.outlet_id AND NOT g.removed
CROSS JOIN LATERAL (
    SELECT coalesce(sum(s.quantity), 0) AS quantity
    FROM stock s
    WHERE s.outlet_id = g.outlet_id AND s.good_id = g.good_id
) shelf
LEFT JOIN (
    SELECT w.outlet_id, q.good_id
    FROM unnest(%(outlets)s::uuid[], %(firsts)s::date[]) AS w (outlet_id, first)
    CROSS JOIN LATERAL (SELECT * FROM sold s WHERE s.outlet_id = w.outlet_id AND s.day >= w.first OFFSET 0) q
    WHERE q.quantity > 0
    GROUP BY w.outlet_id, q.good_id
) since ON since.outlet_id = g.outlet_id AND since.good_id = g.good_id
WHERE shelf.quantity > 0 AND since.good_id IS NULL;
