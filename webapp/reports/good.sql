-- name: good
SELECT good_id, name, category, max_price, barcode, barcodes, extra, removed
FROM goods
WHERE outlet_id = %(outlet)s AND good_id = %(good)s;

-- name: shelves
SELECT s.warehouse_id, coalesce(w.name, s.warehouse_id) AS warehouse, s.quantity
FROM stock s
LEFT JOIN warehouses w USING (outlet_id, warehouse_id)
WHERE s.outlet_id = %(outlet)s AND s.good_id = %(good)s
ORDER BY 2, 1;

-- name: last_sold
-- Sales have no index by good: the latest 20,000 before the day are looked through, and no more.
SELECT s.day
FROM (
    SELECT day, at, lines
    FROM sales_standing
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
        coalesce(
            (l ->> 'sum')::numeric,
            round((l ->> 'quantity')::numeric * (l ->> 'price')::numeric, 2) - (l ->> 'discount')::numeric
        ) AS amount
    FROM sales_standing s
    CROSS JOIN LATERAL jsonb_array_elements(s.lines) l
    WHERE s.outlet_id = %(outlet)s AND s.day BETWEEN %(first)s AND %(last)s
        AND s.at >= (%(first)s::date - 1)::timestamp AT TIME ZONE 'UTC'
        AND s.at < (%(last)s::date + 2)::timestamp AT TIME ZONE 'UTC'
        AND s.lines @> (SELECT jsonb_build_array(jsonb_build_object('good_id', %(good)s::text)))
        AND l ->> 'good_id' = %(good)s::text
    UNION ALL
    SELECT r.day, -(l ->> 'quantity')::numeric, -(l ->> 'amount')::numeric
    FROM returns_standing r
    CROSS JOIN LATERAL jsonb_array_elements(r.lines) l
    WHERE r.outlet_id = %(outlet)s AND r.day BETWEEN %(first)s AND %(last)s
        AND r.at >= (%(first)s::date - 1)::timestamp AT TIME ZONE 'UTC'
        AND r.at < (%(last)s::date + 2)::timestamp AT TIME ZONE 'UTC'
        AND r.lines @> (SELECT jsonb_build_array(jsonb_build_object('good_id', %(good)s::text)))
        AND l ->> 'good_id' = %(good)s::text
) parts
GROUP BY day;
