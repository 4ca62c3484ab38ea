-- The bounds on `at` repeat those on `day` and on the place in the list in a form that the index serves under row-level
-- security; a local day lies within a day of the same UTC day.

-- name: sales
SELECT sale_id, till_id, number, at, positions, goods_sum, discount_sum, total
FROM sales
WHERE outlet_id = %(outlet)s
    AND at >= coalesce(%(from)s::date - 1, '-infinity')::timestamp AT TIME ZONE 'UTC'
    AND at < coalesce(%(to)s::date + 2, 'infinity')::timestamp AT TIME ZONE 'UTC'
    AND day BETWEEN coalesce(%(from)s::date, '-infinity') AND coalesce(%(to)s::date, 'infinity')
    AND at <= coalesce(%(after_at)s::timestamptz, 'infinity')
    AND (
        %(after_at)s::timestamptz IS NULL
        OR (at, sale_id, till_id) < (%(after_at)s::timestamptz, %(after_sale)s::text, %(after_till)s::uuid)
    )
ORDER BY at DESC, sale_id DESC, till_id DESC
LIMIT %(limit)s;

-- name: sale
SELECT
    sale_id, till_id, number, at, goods_sum, discount_sum, total, change, difference, contact_id, cashier, lines,
    payments
FROM sales
WHERE outlet_id = %(outlet)s AND sale_id = %(sale)s AND (%(till)s::uuid IS NULL OR till_id = %(till)s::uuid)
ORDER BY at DESC, till_id DESC
LIMIT 1;

-- A return names its sale by the till's own id; one made at a till that knows no such sale is of the sale shown.

-- name: returns_of_sale
SELECT r.return_id, r.till_id, r.at, r.amount, r.lines, r.refunds
FROM returns r
WHERE r.outlet_id = %(outlet)s AND r.sale_id = %(sale)s
    AND (
        r.till_id = %(till)s::uuid
        OR NOT EXISTS (
            SELECT FROM sales s
            WHERE s.outlet_id = r.outlet_id AND s.sale_id = r.sale_id AND s.till_id = r.till_id
        )
    )
ORDER BY r.at, r.return_id, r.till_id;
