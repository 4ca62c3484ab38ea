-- A search compares lower-cased names with ё as е. Without `pieces` it finds any part of a name; with them, the names
-- that hold at least a share (`least`) of the pairs of letters that were typed, the most alike first.

-- name: goods
SELECT outlet_id, good_id, name, category, max_price, quantity, likeness, sorted_by
FROM (
    SELECT
        g.outlet_id, g.good_id, g.name, g.category, g.max_price, shelf.quantity,
        CASE
            WHEN %(pieces)s::text[] IS NULL THEN 1
            ELSE (
                SELECT count(*) FROM unnest(%(pieces)s::text[]) p WHERE strpos(' ' || f.sorted_by || ' ', p) > 0
            )::float8 / cardinality(%(pieces)s::text[])
        END AS likeness,
        f.sorted_by
    FROM goods g
    CROSS JOIN LATERAL (SELECT translate(lower(g.name COLLATE "pg_c_utf8"), 'ё', 'е') AS sorted_by) f
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(s.quantity), 0) AS quantity
        FROM stock s
        WHERE s.outlet_id = g.outlet_id AND s.good_id = g.good_id
    ) shelf
    WHERE g.outlet_id = ANY (%(outlets)s) AND NOT g.removed
        AND (%(category)s::text IS NULL OR g.category = %(category)s::text)
        AND (%(min)s::numeric IS NULL OR shelf.quantity >= %(min)s::numeric)
        AND (%(max)s::numeric IS NULL OR shelf.quantity <= %(max)s::numeric)
        AND (
            %(query)s::text IS NULL OR %(pieces)s::text[] IS NOT NULL
            OR strpos(f.sorted_by, translate(lower(%(query)s::text COLLATE "pg_c_utf8"), 'ё', 'е')) > 0
            OR g.barcode = %(query)s::text OR g.barcodes @> to_jsonb(%(query)s::text) OR g.good_id = %(query)s::text
        )
) found
WHERE likeness >= %(least)s::float8
    AND (
        %(after_name)s::text IS NULL
        OR (-likeness, sorted_by, good_id, outlet_id) > (
            -%(after_likeness)s::float8, %(after_name)s::text COLLATE "pg_c_utf8", %(after_good)s::text,
            %(after_outlet)s::uuid
        )
    )
ORDER BY -likeness, sorted_by, good_id, outlet_id
LIMIT %(limit)s;

-- name: count
SELECT count(*), coalesce(sum(greatest(quantity, 0) * max_price), 0)
FROM (
    SELECT
        g.max_price, shelf.quantity,
        CASE
            WHEN %(pieces)s::text[] IS NULL THEN 1
            ELSE (
                SELECT count(*) FROM unnest(%(pieces)s::text[]) p WHERE strpos(' ' || f.sorted_by || ' ', p) > 0
            )::float8 / cardinality(%(pieces)s::text[])
        END AS likeness
    FROM goods g
    CROSS JOIN LATERAL (SELECT translate(lower(g.name COLLATE "pg_c_utf8"), 'ё', 'е') AS sorted_by) f
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(s.quantity), 0) AS quantity
        FROM stock s
        WHERE s.outlet_id = g.outlet_id AND s.good_id = g.good_id
    ) shelf
    WHERE g.outlet_id = ANY (%(outlets)s) AND NOT g.removed
        AND (%(category)s::text IS NULL OR g.category = %(category)s::text)
        AND (%(min)s::numeric IS NULL OR shelf.quantity >= %(min)s::numeric)
        AND (%(max)s::numeric IS NULL OR shelf.quantity <= %(max)s::numeric)
        AND (
            %(query)s::text IS NULL OR %(pieces)s::text[] IS NOT NULL
            OR strpos(f.sorted_by, translate(lower(%(query)s::text COLLATE "pg_c_utf8"), 'ё', 'е')) > 0
            OR g.barcode = %(query)s::text OR g.barcodes @> to_jsonb(%(query)s::text) OR g.good_id = %(query)s::text
        )
) found
WHERE likeness >= %(least)s::float8;

-- name: categories
SELECT DISTINCT category FROM goods WHERE outlet_id = ANY (%(outlets)s) AND NOT removed ORDER BY category LIMIT 500;
