-- A search finds goods of which the name or the article holds all the words, in any order and case, ё being е; and those of
-- which an id or a barcode is the code: whole, but for leading zeros, or by its last four digits.

-- name: stock
-- A page of goods; what lies where and what was sold lately is looked up for those alone.
WITH page AS MATERIALIZED (
    SELECT g.good_id, g.name, g.category, g.max_price, g.article, g.unit, g.cost, g.min_stock
    FROM goods g
    WHERE g.outlet_id = %(outlet)s AND NOT g.removed
        AND (
            %(words)s::text[] IS NULL
            OR NOT EXISTS (
                SELECT FROM unnest(%(words)s::text[]) word WHERE strpos(g.searched, word) = 0
            )
            OR g.barcode = %(code)s::text OR g.good_id = %(code)s::text
            OR (g.barcodes <> '[]' AND g.barcodes @> to_jsonb(%(code)s::text))
            OR (
                coalesce(%(digits)s::text, %(tail)s::text) IS NOT NULL AND EXISTS (
                    SELECT
                    FROM (SELECT g.barcode AS code UNION ALL SELECT jsonb_array_elements_text(g.barcodes)) codes
                    WHERE ltrim(codes.code, '0') = %(digits)s::text OR right(codes.code, 4) = %(tail)s::text
                )
            )
        )
        AND (
            (%(min)s::numeric IS NULL AND %(max)s::numeric IS NULL)
            OR (
                SELECT coalesce(sum(s.quantity), 0) FROM stock s WHERE s.outlet_id = %(outlet)s AND s.good_id = g.good_id
            ) BETWEEN coalesce(%(min)s::numeric, '-infinity') AND coalesce(%(max)s::numeric, 'infinity')
        )
        AND (%(after_name)s::text IS NULL OR (g.name, g.good_id) > (%(after_name)s::text, %(after_good)s::text))
    ORDER BY g.name, g.good_id
    LIMIT %(limit)s
)
SELECT
    page.good_id, page.name, page.category, page.max_price, shelf.total, shelf.warehouses, page.article, page.unit, page.cost,
    page.min_stock, coalesce(recent.quantity, 0) AS sold_30_days
FROM page
CROSS JOIN LATERAL (
    SELECT
        coalesce(sum(s.quantity), 0) AS total,
        coalesce(
            jsonb_agg(
                jsonb_build_array(s.warehouse_id, coalesce(w.name, s.warehouse_id), s.quantity::text)
                ORDER BY s.warehouse_id
            ),
            '[]'
        ) AS warehouses
    FROM stock s
    LEFT JOIN warehouses w USING (outlet_id, warehouse_id)
    WHERE s.outlet_id = %(outlet)s AND s.good_id = page.good_id
) shelf
LEFT JOIN (
    SELECT s.good_id, sum(s.quantity) AS quantity
    FROM sold s
    WHERE s.outlet_id = %(outlet)s AND s.day BETWEEN %(today)s::date - 29 AND %(today)s::date
        AND s.good_id = ANY (ARRAY(SELECT good_id FROM page))
    GROUP BY s.good_id
) recent ON recent.good_id = page.good_id
ORDER BY page.name, page.good_id;

-- name: good
SELECT
    g.good_id, g.name, g.category, g.max_price, g.barcode, g.barcodes, g.extra, g.removed, shelf.total,
    shelf.warehouses, g.article, g.unit, g.cost, g.min_stock
FROM goods g
CROSS JOIN LATERAL (
    SELECT
        coalesce(sum(s.quantity), 0) AS total,
        coalesce(
            jsonb_agg(
                jsonb_build_array(s.warehouse_id, coalesce(w.name, s.warehouse_id), s.quantity::text)
                ORDER BY s.warehouse_id
            ),
            '[]'
        ) AS warehouses
    FROM stock s
    LEFT JOIN warehouses w USING (outlet_id, warehouse_id)
    WHERE s.outlet_id = g.outlet_id AND s.good_id = g.good_id
) shelf
WHERE g.outlet_id = %(outlet)s AND g.good_id = %(good)s;
