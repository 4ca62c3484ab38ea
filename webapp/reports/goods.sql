-- A search compares lower-cased names with ё as е. Without `pieces` it finds what the read API finds; with them, the names
-- that hold at least a share (`least`) of the pairs of letters that were typed, the most alike first. Reports that were kept
-- before goods had articles have no such column. `goods_listed` is a list (webapp/lists); ties are in the order of names.

-- name: goods_listed
SELECT outlet_id, good_id, name, category, max_price, quantity, article, barcode, barcodes, likeness, sorted_by
FROM (
    SELECT
        g.outlet_id, g.good_id, g.name, g.category, g.max_price, shelf.quantity, to_jsonb(g) ->> 'article' AS article,
        g.barcode, g.barcodes,
        CASE
            WHEN %(pieces)s::text[] IS NULL THEN 1
            ELSE (
                SELECT count(*) FROM unnest(%(pieces)s::text[]) p WHERE strpos(' ' || f.sorted_by || ' ', p) > 0
            )::float8 / cardinality(%(pieces)s::text[])
        END AS likeness,
        f.sorted_by
    FROM goods g
    CROSS JOIN LATERAL (
        SELECT
            translate(lower(g.name COLLATE "pg_c_utf8"), 'ё', 'е') AS sorted_by,
            translate(lower((g.name || ' ' || coalesce(to_jsonb(g) ->> 'article', '')) COLLATE "pg_c_utf8"), 'ё', 'е') AS searched
    ) f
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
            %(words)s::text[] IS NULL OR %(pieces)s::text[] IS NOT NULL
            OR NOT EXISTS (SELECT FROM unnest(%(words)s::text[]) word WHERE strpos(f.searched, word) = 0)
            OR g.barcode = %(code)s::text OR g.barcodes @> to_jsonb(%(code)s::text) OR g.good_id = %(code)s::text
            OR EXISTS (
                SELECT
                FROM (SELECT g.barcode AS code UNION ALL SELECT jsonb_array_elements_text(g.barcodes)) codes
                WHERE ltrim(codes.code, '0') = %(digits)s::text OR right(codes.code, 4) = %(tail)s::text
            )
        )
) found
WHERE likeness >= %(least)s::float8;

-- name: count over goods_listed
SELECT count(*), coalesce(sum(greatest(quantity, 0) * max_price), 0) FROM goods_listed;

-- name: categories
SELECT DISTINCT category FROM goods WHERE outlet_id = ANY (%(outlets)s) AND NOT removed ORDER BY category LIMIT 500;
