-- name: contacts
SELECT contact_id, name, purchases_total, debt, points
FROM contacts
WHERE outlet_id = %(outlet)s AND NOT removed
    AND (
        %(query)s::text IS NULL
        OR strpos(
            translate(lower(name COLLATE "pg_c_utf8"), 'ё', 'е'),
            translate(lower(%(query)s::text COLLATE "pg_c_utf8"), 'ё', 'е')
        ) > 0
    )
    AND purchases_total BETWEEN coalesce(%(purchases_min)s::numeric, '-infinity')
        AND coalesce(%(purchases_max)s::numeric, 'infinity')
    AND debt BETWEEN coalesce(%(debt_min)s::numeric, '-infinity') AND coalesce(%(debt_max)s::numeric, 'infinity')
    AND points BETWEEN coalesce(%(points_min)s::numeric, '-infinity')
        AND coalesce(%(points_max)s::numeric, 'infinity')
    AND (%(after_name)s::text IS NULL OR (name, contact_id) > (%(after_name)s::text, %(after_contact)s::text))
ORDER BY name, contact_id
LIMIT %(limit)s;
