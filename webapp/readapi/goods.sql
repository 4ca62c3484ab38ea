-- Searches look for any part in any case, whatever the locale of the database; ё and е are the same to a searcher.

-- name: stock
SELECT g.good_id, g.name, g.category, g.max_price, shelf.total, shelf.warehouses
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
WHERE g.outlet_id = %(outlet)s AND NOT g.removed
    AND (
        %(query)s::text IS NULL
        OR strpos(
            translate(lower(g.name COLLATE "pg_c_utf8"), 'ё', 'е'),
            translate(lower(%(query)s::text COLLATE "pg_c_utf8"), 'ё', 'е')
        ) > 0
    )
    AND (%(min)s::numeric IS NULL OR shelf.total >= %(min)s::numeric)
    AND (%(max)s::numeric IS NULL OR shelf.total <= %(max)s::numeric)
    AND (%(after_name)s::text IS NULL OR (g.name, g.good_id) > (%(after_name)s::text, %(after_good)s::text))
ORDER BY g.name, g.good_id
LIMIT %(limit)s;

-- name: good
SELECT
    g.good_id, g.name, g.category, g.max_price, g.barcode, g.barcodes, g.extra, g.removed, shelf.total,
    shelf.warehouses
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
