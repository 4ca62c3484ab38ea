-- name: contacts
SELECT c.contact_id, c.name, c.purchases_total, c.debt, c.points, bought.receipts, bought.last_purchase_at
FROM contacts c
CROSS JOIN LATERAL (
    SELECT count(*)::integer AS receipts, max(s.at) AS last_purchase_at, max(s.day) AS last_day
    FROM sales_standing s
    WHERE s.outlet_id = c.outlet_id AND s.contact_id = c.contact_id
) bought
WHERE c.outlet_id = %(outlet)s AND NOT c.removed
    AND (
        %(query)s::text IS NULL
        OR strpos(
            c.folded,
            translate(lower(%(query)s::text COLLATE "pg_c_utf8"), 'ё', 'е')
        ) > 0
    )
    AND (%(last_from)s::date IS NULL OR bought.last_day >= %(last_from)s::date)
    AND (%(last_to)s::date IS NULL OR bought.last_day <= %(last_to)s::date)
    AND c.purchases_total BETWEEN coalesce(%(purchases_min)s::numeric, '-infinity')
        AND coalesce(%(purchases_max)s::numeric, 'infinity')
    AND c.debt BETWEEN coalesce(%(debt_min)s::numeric, '-infinity') AND coalesce(%(debt_max)s::numeric, 'infinity')
    AND c.points BETWEEN coalesce(%(points_min)s::numeric, '-infinity')
        AND coalesce(%(points_max)s::numeric, 'infinity')
    AND (%(after_name)s::text IS NULL OR (c.name, c.contact_id) > (%(after_name)s::text, %(after_contact)s::text))
ORDER BY c.name, c.contact_id
LIMIT %(limit)s;
