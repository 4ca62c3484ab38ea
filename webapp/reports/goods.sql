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

-- name: good
SELECT good_id, name, category, max_price, barcode, barcodes, extra, removed
FROM goods
WHERE outlet_id = %(outlet)s AND good_id = %(good)s;

-- name: shelves
SELECT s.warehouse_id, coalesce(w.name, s.warehouse_id), s.quantity
FROM stock s
LEFT JOIN warehouses w USING (outlet_id, warehouse_id)
WHERE s.outlet_id = %(outlet)s AND s.good_id = %(good)s
ORDER BY 2, 1;

-- name: last_sold
-- Sales have no index by good: the latest 20,000 before the day are looked through, and no more.
SELECT s.day
FROM (
    SELECT day, at, lines
    FROM sales
    WHERE outlet_id = %(outlet)s AND at < (%(first)s::date + 1)::timestamp AT TIME ZONE 'UTC'
    ORDER BY at DESC, sale_id DESC, till_id DESC
    LIMIT 20000
) s
WHERE s.day < %(first)s AND s.lines @> (SELECT jsonb_build_array(jsonb_build_object('good_id', %(good)s::text)))
ORDER BY s.at DESC
LIMIT 1;

-- name: sold_by_day
SELECT day, sum(quantity), sum(amount)
FROM (
    SELECT
        s.day, (l ->> 'quantity')::numeric AS quantity,
        round((l ->> 'quantity')::numeric * (l ->> 'price')::numeric, 2) - (l ->> 'discount')::numeric AS amount
    FROM sales s
    CROSS JOIN LATERAL jsonb_array_elements(s.lines) l
    WHERE s.outlet_id = %(outlet)s AND s.day BETWEEN %(first)s AND %(last)s
        AND s.at >= (%(first)s::date - 1)::timestamp AT TIME ZONE 'UTC'
        AND s.at < (%(last)s::date + 2)::timestamp AT TIME ZONE 'UTC'
        AND s.lines @> (SELECT jsonb_build_array(jsonb_build_object('good_id', %(good)s::text)))
        AND l ->> 'good_id' = %(good)s::text
    UNION ALL
    SELECT r.day, -(l ->> 'quantity')::numeric, -(l ->> 'amount')::numeric
    FROM returns r
    CROSS JOIN LATERAL jsonb_array_elements(r.lines) l
    WHERE r.outlet_id = %(outlet)s AND r.day BETWEEN %(first)s AND %(last)s
        AND r.at >= (%(first)s::date - 1)::timestamp AT TIME ZONE 'UTC'
        AND r.at < (%(last)s::date + 2)::timestamp AT TIME ZONE 'UTC'
        AND r.lines @> (SELECT jsonb_build_array(jsonb_build_object('good_id', %(good)s::text)))
        AND l ->> 'good_id' = %(good)s::text
) parts
GROUP BY day;
