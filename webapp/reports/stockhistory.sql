-- name: movements
-- The card of a good: what moved its stock, latest effective time first. Documents of wrong clocks (those dated after
-- their arrival, or before 2000) stand where they arrived.
SELECT
    d.kind, d.id, d.till_id, d.number, d.at, d.warehouse_id, coalesce(w.name, d.warehouse_id) AS warehouse, d.quantity,
    coalesce(k.quantity, 0) AS stock,
    coalesce((d.effective_at, d.applied_no) < (k.counted_at, k.counted_no), false) AS counted
FROM (
    SELECT
        m.*,
        CASE WHEN m.at > m.received_at OR m.at < timestamptz '2000-01-01 00:00:00+00' THEN m.received_at ELSE m.at END
            AS effective_at
    FROM (
        SELECT
            'sale' AS kind, s.sale_id AS id, s.till_id, s.number, s.at, s.received_at, s.applied_no,
            coalesce(l ->> 'warehouse_id', 'main') AS warehouse_id, -(l ->> 'quantity')::numeric AS quantity
        FROM sales_standing s
        CROSS JOIN LATERAL jsonb_array_elements(s.lines) l
        WHERE s.outlet_id = %(outlet)s AND (
                (s.day BETWEEN %(first)s AND %(last)s AND s.at <= s.received_at
                    AND s.at >= (%(first)s::date - 1)::timestamp AT TIME ZONE 'UTC'
                    AND s.at < (%(last)s::date + 2)::timestamp AT TIME ZONE 'UTC')
                OR ((s.at > s.received_at OR s.at < timestamptz '2000-01-01 00:00:00+00')
                    AND s.received_at >= (%(first)s::date - 1)::timestamp AT TIME ZONE 'UTC'
                    AND s.received_at < (%(last)s::date + 2)::timestamp AT TIME ZONE 'UTC')
            )
            AND s.lines @> (SELECT jsonb_build_array(jsonb_build_object('good_id', %(good)s::text)))
            AND l ->> 'good_id' = %(good)s::text AND coalesce(l ->> 'kind', 'good') = 'good'
        UNION ALL
        SELECT
            'return', r.sale_id, r.till_id, r.return_id, r.at, r.received_at, r.applied_no,
            coalesce(l ->> 'warehouse_id', 'main'), (l ->> 'quantity')::numeric
        FROM returns_standing r
        CROSS JOIN LATERAL jsonb_array_elements(r.lines) l
        WHERE r.outlet_id = %(outlet)s AND (
                (r.day BETWEEN %(first)s AND %(last)s AND r.at <= r.received_at
                    AND r.at >= (%(first)s::date - 1)::timestamp AT TIME ZONE 'UTC'
                    AND r.at < (%(last)s::date + 2)::timestamp AT TIME ZONE 'UTC')
                OR ((r.at > r.received_at OR r.at < timestamptz '2000-01-01 00:00:00+00')
                    AND r.received_at >= (%(first)s::date - 1)::timestamp AT TIME ZONE 'UTC'
                    AND r.received_at < (%(last)s::date + 2)::timestamp AT TIME ZONE 'UTC')
            )
            AND r.lines @> (SELECT jsonb_build_array(jsonb_build_object('good_id', %(good)s::text)))
            AND l ->> 'good_id' = %(good)s::text AND coalesce(l ->> 'kind', 'good') = 'good'
        UNION ALL
        SELECT m.reason, m.move_id, m.till_id, m.move_id, m.at, m.received_at, m.applied_no, m.warehouse_id, m.quantity
        FROM moves m
        WHERE m.outlet_id = %(outlet)s AND m.good_id = %(good)s AND (
                (m.day BETWEEN %(first)s AND %(last)s AND m.at <= m.received_at
                    AND m.at >= (%(first)s::date - 1)::timestamp AT TIME ZONE 'UTC'
                    AND m.at < (%(last)s::date + 2)::timestamp AT TIME ZONE 'UTC')
                OR ((m.at > m.received_at OR m.at < timestamptz '2000-01-01 00:00:00+00')
                    AND m.received_at >= (%(first)s::date - 1)::timestamp AT TIME ZONE 'UTC'
                    AND m.received_at < (%(last)s::date + 2)::timestamp AT TIME ZONE 'UTC')
            )
    ) m
) d
LEFT JOIN stock k ON k.outlet_id = %(outlet)s AND k.good_id = %(good)s AND k.warehouse_id = d.warehouse_id
LEFT JOIN warehouses w ON w.outlet_id = %(outlet)s AND w.warehouse_id = d.warehouse_id
ORDER BY d.effective_at DESC, d.applied_no DESC
LIMIT 200;
