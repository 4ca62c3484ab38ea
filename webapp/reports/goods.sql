-- Goods as a list (webapp/lists). Names are compared lower-cased with ё as е, as `folded` and `searched` hold them. Without
-- `pieces` a search finds what the read API finds; with them, of the goods `alike` those whose names hold at least a share
-- (`least`) of the pairs of letters that were typed. Ties are in the order of names. Stock is summed for the goods of a page
-- alone (`shelves`), for all of them only where the list is sorted or bounded by it.

-- name: goods_listed
SELECT outlet_id, good_id, name, category, max_price, barcode, barcodes, likeness, sorted_by
FROM (
    SELECT
        g.outlet_id, g.good_id, g.name, g.category, g.max_price, g.barcode, g.barcodes,
        CASE
            WHEN %(pieces)s::text[] IS NULL THEN 1
            ELSE (
                SELECT count(*) FROM unnest(%(pieces)s::text[]) p WHERE strpos(' ' || g.folded || ' ', p) > 0
            )::float8 / cardinality(%(pieces)s::text[])
        END AS likeness,
        g.folded AS sorted_by
    FROM goods g
    WHERE g.outlet_id = ANY (%(outlets)s) AND NOT g.removed
        AND (%(category)s::text IS NULL OR g.category = %(category)s::text)
        AND (%(alike)s::text[] IS NULL OR g.good_id = ANY (%(alike)s::text[]))
        AND (
            %(words)s::text[] IS NULL OR %(pieces)s::text[] IS NOT NULL
            OR NOT EXISTS (SELECT FROM unnest(%(words)s::text[]) word WHERE strpos(g.searched, word) = 0)
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
) found
WHERE likeness >= %(least)s::float8;

-- name: alike
-- The goods most like what was typed, a thousand at most: looked for once, then known by their ids.
SELECT coalesce(array_agg(good_id), '{}')
FROM (
    SELECT good_id
    FROM (
        SELECT
            g.good_id, (
                SELECT count(*) FROM unnest(%(pieces)s::text[]) p WHERE strpos(' ' || g.folded || ' ', p) > 0
            )::float8 / cardinality(%(pieces)s::text[]) AS likeness
        FROM goods g
        WHERE g.outlet_id = ANY (%(outlets)s) AND NOT g.removed
    ) each
    WHERE likeness >= %(least)s::float8
    ORDER BY likeness DESC, good_id
    LIMIT 1000
) most;

-- name: by_name
-- The list by name, of all goods: a page of it by the index, behind a good, `most` of each outlet.
SELECT g.*
FROM unnest(%(outlets)s::uuid[]) AS o (outlet_id)
CROSS JOIN LATERAL (
    SELECT g.outlet_id, g.good_id, g.name, g.category, g.max_price, g.barcode, g.barcodes, 1::float8 AS likeness, g.folded AS sorted_by
    FROM goods g
    WHERE g.outlet_id = o.outlet_id AND NOT g.removed
        AND (
            %(behind_name)s::text IS NULL
            OR CASE
                WHEN %(ascending)s::boolean THEN (g.folded, g.good_id) >= (%(behind_name)s::text, %(behind_good)s::text)
                ELSE g.folded <= %(behind_name)s::text
            END
        )
        AND (
            %(behind_name)s::text IS NULL OR %(ascending)s::boolean OR g.folded < %(behind_name)s::text
            OR g.good_id >= %(behind_good)s::text
        )
    ORDER BY
        CASE WHEN %(ascending)s::boolean THEN g.folded END, CASE WHEN NOT %(ascending)s::boolean THEN g.folded END DESC, g.good_id
    LIMIT %(most)s
) g;

-- name: with_stock over goods_listed
SELECT g.*, coalesce(s.quantity, 0) AS quantity
FROM goods_listed g
LEFT JOIN (
    -- In the order of the key, so that each good is summed by itself: hashed, the sums of all would be held at once.
    SELECT outlet_id, good_id, sum(quantity) AS quantity
    FROM (
        SELECT outlet_id, good_id, quantity FROM stock WHERE outlet_id = ANY (%(outlets)s) ORDER BY outlet_id, good_id OFFSET 0
    ) shelves
    GROUP BY outlet_id, good_id
) s ON s.outlet_id = g.outlet_id AND s.good_id = g.good_id
WHERE (%(min)s::numeric IS NULL OR coalesce(s.quantity, 0) >= %(min)s::numeric)
    AND (%(max)s::numeric IS NULL OR coalesce(s.quantity, 0) <= %(max)s::numeric);

-- name: by_stock over with_stock
-- The list by its stock, with what all of it comes to: one pass over goods and stock. What is shown alone is looked up for the
-- page (a sub-select in a list's columns waits for the LIMIT).
SELECT
    n.outlet_id, n.good_id,
    (SELECT g.name FROM goods g WHERE g.outlet_id = n.outlet_id AND g.good_id = n.good_id) AS name,
    (SELECT g.category FROM goods g WHERE g.outlet_id = n.outlet_id AND g.good_id = n.good_id) AS category, n.max_price,
    (SELECT g.barcode FROM goods g WHERE g.outlet_id = n.outlet_id AND g.good_id = n.good_id) AS barcode,
    (SELECT g.barcodes FROM goods g WHERE g.outlet_id = n.outlet_id AND g.good_id = n.good_id) AS barcodes, n.likeness,
    n.sorted_by, n.quantity, n.sums_count, n.sums_worth
FROM (
    SELECT
        outlet_id, good_id, max_price, likeness, sorted_by, quantity, count(*) OVER () AS sums_count,
        coalesce(sum(greatest(quantity, 0) * max_price) OVER (), 0) AS sums_worth
    FROM with_stock
) n;

-- name: exported over with_stock
-- For a file. Reports that were kept before goods had articles have no such column.
SELECT w.*, g.article
FROM with_stock w
CROSS JOIN LATERAL (
    SELECT to_jsonb(g) ->> 'article' AS article FROM goods g WHERE g.outlet_id = w.outlet_id AND g.good_id = w.good_id OFFSET 0
) g;

-- name: count over goods_listed
SELECT count(*) FROM goods_listed;

-- name: worth over with_stock
-- Of many goods, or of those that their stock bounds.
SELECT count(*), coalesce(sum(greatest(quantity, 0) * max_price), 0) FROM with_stock;

-- name: worth_of_few over goods_listed
SELECT count(*), coalesce(sum(greatest(shelf.quantity, 0) * g.max_price), 0)
FROM goods_listed g
CROSS JOIN LATERAL (
    SELECT sum(s.quantity) AS quantity
    FROM stock s
    WHERE s.outlet_id = g.outlet_id AND s.good_id = g.good_id
    OFFSET 0
) shelf;

-- name: shelves
-- The stock of these goods (parallel arrays) over all warehouses.
SELECT k.outlet_id, k.good_id, s.quantity
FROM unnest(%(outlets)s::uuid[], %(goods)s::text[]) AS k (outlet_id, good_id)
CROSS JOIN LATERAL (
    SELECT sum(s.quantity) AS quantity FROM stock s WHERE s.outlet_id = k.outlet_id AND s.good_id = k.good_id
) s
WHERE s.quantity IS NOT NULL;

-- name: saved
-- How many goods stand on the outlets' lists, however they are filtered.
SELECT coalesce(sum(goods), 0)::bigint FROM outlet_totals WHERE outlet_id = ANY (%(outlets)s);

-- name: categories
-- For the choice of a group: the first 500. Each is found behind the one before it by an index; all goods are not read.
WITH RECURSIVE category AS (
    SELECT
        o.outlet_id, 1 AS place, (
            SELECT g.category FROM goods g WHERE g.outlet_id = o.outlet_id AND NOT g.removed ORDER BY g.category LIMIT 1
        ) AS name
    FROM unnest(%(outlets)s::uuid[]) AS o (outlet_id)
    UNION ALL
    SELECT
        c.outlet_id, c.place + 1, (
            SELECT g.category
            FROM goods g
            WHERE g.outlet_id = c.outlet_id AND NOT g.removed AND g.category > c.name
            ORDER BY g.category
            LIMIT 1
        )
    FROM category c
    WHERE c.name IS NOT NULL AND c.place < 500
)
SELECT DISTINCT name FROM category WHERE name IS NOT NULL ORDER BY name LIMIT 500;
