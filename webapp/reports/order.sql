-- What to order: goods that will last for less than so many days by what was sold in the last 28, goods below their least
-- stock, and goods of which there is less than nothing. On `OFFSET 0` see sums.sql, on stock and sales summed together
-- unsold.sql; sub-selects in the list of columns wait for the LIMIT.

-- name: rows
-- A list (webapp/lists). `cover` is in days, NULL where nothing was sold; `wanted` is what is missing to the days asked for or to the least stock,
-- in whole units where the good was sold in whole ones. `least_*` are of the warehouse with the least of it.
SELECT
    g.outlet_id, g.good_id, g.name, g.category, g.article, g.unit, g.cost, g.min_stock, shelf.quantity, p.sold,
    CASE WHEN p.sold > 0 THEN greatest(shelf.quantity, 0) * 28 / p.sold END AS cover,
    greatest(
        0,
        CASE
            WHEN p.sold = trunc(p.sold) THEN ceil(greatest(p.sold * %(days)s::integer / 28, coalesce(g.min_stock, 0)) - shelf.quantity)
            ELSE round(greatest(p.sold * %(days)s::integer / 28, coalesce(g.min_stock, 0)) - shelf.quantity, 3)
        END
    ) AS wanted,
    shelf.least,
    (
        SELECT s.counted_at
        FROM stock s
        WHERE s.outlet_id = g.outlet_id AND s.good_id = g.good_id
        ORDER BY s.quantity, s.warehouse_id
        LIMIT 1
    ) AS counted_at,
    (
        -- A LIMIT, since PostgreSQL may answer an EXISTS by reading all moves there are, once.
        SELECT true FROM moves m WHERE m.outlet_id = g.outlet_id AND m.good_id = g.good_id AND m.quantity > 0 LIMIT 1
    ) IS NOT NULL AS received,
    CASE
        WHEN shelf.quantity < 0 OR shelf.least < 0 THEN -1
        WHEN p.sold > 0 THEN greatest(shelf.quantity, 0) * 28 / p.sold
        ELSE 100000
    END AS urgency
FROM goods g
LEFT JOIN (
    SELECT
        e.outlet_id, e.good_id, coalesce(sum(e.quantity), 0) AS quantity, coalesce(min(e.quantity), 0) AS least,
        coalesce(sum(e.sold), 0) AS sold
    FROM (
        SELECT s.outlet_id, s.good_id, s.quantity, NULL::numeric AS sold
        FROM stock s
        WHERE s.outlet_id = ANY (%(outlets)s::uuid[])
        UNION ALL
        SELECT w.outlet_id, q.good_id, NULL, q.quantity - q.returned_quantity
        FROM unnest(%(outlets)s::uuid[], %(firsts)s::date[], %(lasts)s::date[]) AS w (outlet_id, first, last)
        CROSS JOIN LATERAL (
            SELECT * FROM sold s WHERE s.outlet_id = w.outlet_id AND s.day BETWEEN w.first AND w.last OFFSET 0
        ) q
    ) e
    GROUP BY e.outlet_id, e.good_id
) of_good ON of_good.outlet_id = g.outlet_id AND of_good.good_id = g.good_id
CROSS JOIN LATERAL (
    SELECT coalesce(of_good.quantity, 0) AS quantity, coalesce(of_good.least, 0) AS least
) shelf
CROSS JOIN LATERAL (SELECT coalesce(of_good.sold, 0) AS sold) p
WHERE g.outlet_id = ANY (%(outlets)s::uuid[]) AND NOT g.removed AND (
    shelf.quantity < 0 OR shelf.least < 0 OR shelf.quantity < g.min_stock
    OR (p.sold > 0 AND greatest(shelf.quantity, 0) * 28 / p.sold < %(days)s::integer)
);
