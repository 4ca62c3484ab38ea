-- A search works as that for goods does (goods.sql). Of those that are `gone` the last purchase lies before a day.

-- name: contacts_listed
SELECT outlet_id, contact_id, name, purchases_total, debt, points, likeness, sorted_by
FROM (
    SELECT
        c.outlet_id, c.contact_id, c.name, c.purchases_total, c.debt, c.points,
        CASE
            WHEN %(pieces)s::text[] IS NULL THEN 1
            ELSE (
                SELECT count(*) FROM unnest(%(pieces)s::text[]) p WHERE strpos(' ' || c.folded || ' ', p) > 0
            )::float8 / cardinality(%(pieces)s::text[])
        END AS likeness,
        c.folded AS sorted_by
    FROM contacts c
    WHERE c.outlet_id = ANY (%(outlets)s) AND NOT c.removed
        AND (%(alike)s::text[] IS NULL OR c.contact_id = ANY (%(alike)s::text[]))
        AND (
            %(query)s::text IS NULL OR %(pieces)s::text[] IS NOT NULL
            OR strpos(c.folded, translate(lower(%(query)s::text COLLATE "pg_c_utf8"), 'ё', 'е')) > 0
        )
        AND c.purchases_total BETWEEN coalesce(%(purchases_min)s::numeric, '-infinity')
            AND coalesce(%(purchases_max)s::numeric, 'infinity')
        AND c.debt BETWEEN coalesce(%(debt_min)s::numeric, '-infinity') AND coalesce(%(debt_max)s::numeric, 'infinity')
        AND c.points BETWEEN coalesce(%(points_min)s::numeric, '-infinity')
            AND coalesce(%(points_max)s::numeric, 'infinity')
        AND (
            %(gone_since)s::date IS NULL
            OR (
                SELECT max(s.day) FROM sales_standing s WHERE s.outlet_id = c.outlet_id AND s.contact_id = c.contact_id
            ) < %(gone_since)s::date
        )
) found
WHERE likeness >= %(least)s::float8;

-- name: alike
-- The contacts most like what was typed, a thousand at most: looked for once, then known by their ids.
SELECT coalesce(array_agg(contact_id), '{}')
FROM (
    SELECT contact_id
    FROM (
        SELECT
            c.contact_id, (
                SELECT count(*) FROM unnest(%(pieces)s::text[]) p WHERE strpos(' ' || c.folded || ' ', p) > 0
            )::float8 / cardinality(%(pieces)s::text[]) AS likeness
        FROM contacts c
        WHERE c.outlet_id = ANY (%(outlets)s) AND NOT c.removed
    ) each
    WHERE likeness >= %(least)s::float8
    ORDER BY likeness DESC, contact_id
    LIMIT 1000
) most;

-- name: totals over contacts_listed
-- Of each outlet that has any.
SELECT outlet_id, count(*)::integer AS count, sum(purchases_total) AS purchases, sum(debt) AS debt, sum(points) AS points
FROM contacts_listed
GROUP BY outlet_id;

-- name: by_bought over contacts_listed
-- The list again, to be sorted by what the receipts of all of them come to. `lasts` are the outlets' present days.
SELECT c.*, b.receipts, b.average, b.last_at, b.recent, b.before
FROM contacts_listed c
LEFT JOIN (
    SELECT
        s.outlet_id, s.contact_id, count(*) AS receipts, round(sum(s.total) / count(*), 2) AS average, max(s.at) AS last_at,
        sum(s.total) FILTER (WHERE s.day BETWEEN w.last - 89 AND w.last) AS recent,
        sum(s.total) FILTER (WHERE s.day BETWEEN w.last - 179 AND w.last - 90) AS before
    FROM unnest(%(outlets)s::uuid[], %(lasts)s::date[]) AS w (outlet_id, last)
    JOIN sales_standing s ON s.outlet_id = w.outlet_id
    WHERE s.contact_id IS NOT NULL
    GROUP BY s.outlet_id, s.contact_id
) b ON b.outlet_id = c.outlet_id AND b.contact_id = c.contact_id;

-- name: receipts
-- How many receipts the outlets have.
SELECT coalesce(sum(sales), 0)::bigint FROM outlet_totals WHERE outlet_id = ANY (%(outlets)s);

-- name: bought
-- What these contacts (parallel arrays, with the outlets' present days) bought, by the receipts that name them: in all, in
-- the last 90 days, and in the 90 days before.
SELECT
    k.outlet_id, k.contact_id, count(*)::integer AS receipts, sum(s.total) AS total, max(s.at) AS last_at,
    coalesce(sum(s.total) FILTER (WHERE s.day BETWEEN k.last - 89 AND k.last), 0) AS recent,
    coalesce(sum(s.total) FILTER (WHERE s.day BETWEEN k.last - 179 AND k.last - 90), 0) AS before
FROM unnest(%(outlets)s::uuid[], %(contacts)s::text[], %(lasts)s::date[]) AS k (outlet_id, contact_id, last)
JOIN sales_standing s ON s.outlet_id = k.outlet_id AND s.contact_id = k.contact_id
GROUP BY k.outlet_id, k.contact_id;
