-- name: movements
SELECT
    d.kind, d.id, d.till_id, d.number, d.at, d.warehouse_id, coalesce(w.name, d.warehouse_id) AS warehouse, d.quantity,
    coalesce(k.quantity, 0) AS stock, coalesce(d.applied_no < k.counted_no, false) AS counted
FROM (
    SELECT
        'sale' AS kind, s.sale_id AS id, s.till_id, s.number, s.at, coalesce(l ->> 'warehouse_id', 'main') AS warehouse_id,
        -(l ->> 'quantity')::numeric AS quantity, s.applied_no
    FROM sales s
    CROSS JOIN LATERAL jsonb_array_elements(s.lines) l
    WHERE s.outlet_id = %(outlet)s AND s.day BETWEEN %(first)s AND %(last)s
        AND s.at >= (%(first)s::date - 1)::timestamp AT TIME ZONE 'UTC'
        AND s.at < (%(last)s::date + 2)::timestamp AT TIME ZONE 'UTC'
        AND s.lines @> (SELECT jsonb_build_array(jsonb_build_object('good_id', %(good)s::text)))
        AND l ->> 'good_id' = %(good)s::text
    UNION ALL
    SELECT
        'return', r.sale_id, r.till_id, r.return_id, r.at, coalesce(l ->> 'warehouse_id', 'main'),
        (l ->> 'quantity')::numeric, r.applied_no
    FROM returns r
    CROSS JOIN LATERAL jsonb_array_elements(r.lines) l
    WHERE r.outlet_id = %(outlet)s AND r.day BETWEEN %(first)s AND %(last)s
        AND r.at >= (%(first)s::date - 1)::timestamp AT TIME ZONE 'UTC'
        AND r.at < (%(last)s::date + 2)::timestamp AT TIME ZONE 'UTC'
        AND r.lines @> (SELECT jsonb_build_array(jsonb_build_object('good_id', %(good)s::text)))
        AND l ->> 'good_id' = %(good)s::text
    UNION ALL
    SELECT m.reason, m.move_id, m.till_id, m.move_id, m.at, m.warehouse_id, m.quantity, m.applied_no
    FROM moves m
    WHERE m.outlet_id = %(outlet)s AND m.good_id = %(good)s AND m.day BETWEEN %(first)s AND %(last)s
) d
LEFT JOIN stock k ON k.outlet_id = %(outlet)s AND k.good_id = %(good)s AND k.warehouse_id = d.warehouse_id
LEFT JOIN warehouses w ON w.outlet_id = %(outlet)s AND w.warehouse_id = d.warehouse_id
ORDER BY d.applied_no DESC, d.at DESC
LIMIT 200;
