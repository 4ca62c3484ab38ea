-- The bounds on `at` repeat those on `day` and on the place in the list in a form that the index serves under row-level
-- security; a local day lies within a day of the same UTC day.

-- name: sales
SELECT
    sale_id, till_id, number, at, positions, goods_sum, discount_sum, total, correction, cashier, cashier_id, shift_id,
    fiscal_fn, fiscal_fd, fiscal_fp, tax_system, void IS NOT NULL AS voided, fiscal_copy
FROM sales_listed
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
    payments, rounding, tax_sum, cost_sum, cost_known_sum, correction, cashier_id, shift_id, fiscal_fn, fiscal_fd,
    fiscal_fp, tax_system, void IS NOT NULL AS voided, fiscal_copy
FROM sales_listed
WHERE outlet_id = %(outlet)s AND sale_id = %(sale)s AND (%(till)s::uuid IS NULL OR till_id = %(till)s::uuid)
ORDER BY at DESC, till_id DESC
LIMIT 1;

-- A return is of the latest sale with the id that it names and that is not later than it: of its own till, else of the
-- outlet.

-- name: returns_of_sale
SELECT
    r.return_id, r.till_id, r.at, r.amount, r.lines, r.refunds, r.number, r.correction, r.cashier, r.cashier_id,
    r.shift_id, r.fiscal_fn, r.fiscal_fd, r.fiscal_fp, r.tax_system
FROM returns_standing r
WHERE r.outlet_id = %(outlet)s AND r.sale_id = %(sale)s
    AND %(till)s::uuid = (
        SELECT s.till_id
        FROM sales_listed s
        WHERE s.outlet_id = r.outlet_id AND s.sale_id = r.sale_id AND s.at <= r.at
        ORDER BY s.till_id = r.till_id DESC, s.at DESC, s.till_id DESC
        LIMIT 1
    )
ORDER BY r.at, r.return_id, r.till_id;
