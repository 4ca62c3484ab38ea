-- A search works as that for goods does (goods.sql).

-- name: contacts
SELECT outlet_id, contact_id, name, purchases_total, debt, points, likeness, sorted_by
FROM (
    SELECT
        c.outlet_id, c.contact_id, c.name, c.purchases_total, c.debt, c.points,
        CASE
            WHEN %(pieces)s::text[] IS NULL THEN 1
            ELSE (
                SELECT count(*) FROM unnest(%(pieces)s::text[]) p WHERE strpos(' ' || f.sorted_by || ' ', p) > 0
            )::float8 / cardinality(%(pieces)s::text[])
        END AS likeness,
        f.sorted_by
    FROM contacts c
    CROSS JOIN LATERAL (SELECT translate(lower(c.name COLLATE "pg_c_utf8"), 'ё', 'е') AS sorted_by) f
    WHERE c.outlet_id = ANY (%(outlets)s) AND NOT c.removed
        AND (
            %(query)s::text IS NULL OR %(pieces)s::text[] IS NOT NULL
            OR strpos(f.sorted_by, translate(lower(%(query)s::text COLLATE "pg_c_utf8"), 'ё', 'е')) > 0
        )
        AND c.purchases_total BETWEEN coalesce(%(purchases_min)s::numeric, '-infinity')
            AND coalesce(%(purchases_max)s::numeric, 'infinity')
        AND c.debt BETWEEN coalesce(%(debt_min)s::numeric, '-infinity') AND coalesce(%(debt_max)s::numeric, 'infinity')
        AND c.points BETWEEN coalesce(%(points_min)s::numeric, '-infinity')
            AND coalesce(%(points_max)s::numeric, 'infinity')
) found
WHERE likeness >= %(least)s::float8
    AND (
        %(after_name)s::text IS NULL
        OR (-likeness, sorted_by, contact_id, outlet_id) > (
            -%(after_likeness)s::float8, %(after_name)s::text COLLATE "pg_c_utf8", %(after_contact)s::text,
            %(after_outlet)s::uuid
        )
    )
ORDER BY -likeness, sorted_by, contact_id, outlet_id
LIMIT %(limit)s;

-- name: totals
SELECT count(*), coalesce(sum(purchases_total), 0), coalesce(sum(debt), 0), coalesce(sum(points), 0)
FROM (
    SELECT
        c.outlet_id, c.contact_id, c.name, c.purchases_total, c.debt, c.points,
        CASE
            WHEN %(pieces)s::text[] IS NULL THEN 1
            ELSE (
                SELECT count(*) FROM unnest(%(pieces)s::text[]) p WHERE strpos(' ' || f.sorted_by || ' ', p) > 0
            )::float8 / cardinality(%(pieces)s::text[])
        END AS likeness,
        f.sorted_by
    FROM contacts c
    CROSS JOIN LATERAL (SELECT translate(lower(c.name COLLATE "pg_c_utf8"), 'ё', 'е') AS sorted_by) f
    WHERE c.outlet_id = ANY (%(outlets)s) AND NOT c.removed
        AND (
            %(query)s::text IS NULL OR %(pieces)s::text[] IS NOT NULL
            OR strpos(f.sorted_by, translate(lower(%(query)s::text COLLATE "pg_c_utf8"), 'ё', 'е')) > 0
        )
        AND c.purchases_total BETWEEN coalesce(%(purchases_min)s::numeric, '-infinity')
            AND coalesce(%(purchases_max)s::numeric, 'infinity')
        AND c.debt BETWEEN coalesce(%(debt_min)s::numeric, '-infinity') AND coalesce(%(debt_max)s::numeric, 'infinity')
        AND c.points BETWEEN coalesce(%(points_min)s::numeric, '-infinity')
            AND coalesce(%(points_max)s::numeric, 'infinity')
) found
WHERE likeness >= %(least)s::float8;
