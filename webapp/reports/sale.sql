-- What reports of an earlier release lack of a receipt is NULL (`to_jsonb`).

-- name: sale
SELECT
    s.sale_id, s.till_id, s.number, s.at, s.goods_sum, s.discount_sum, s.total, s.change, s.difference, s.contact_id,
    c.name AS contact, s.cashier, t.name AS till, s.fiscal_copy, to_jsonb(s) ->> 'shift_id',
    to_jsonb(s) ->> 'fiscal_fn', to_jsonb(s) ->> 'fiscal_fd', to_jsonb(s) ->> 'fiscal_fp',
    coalesce((to_jsonb(s) ->> 'correction')::boolean, false), coalesce((to_jsonb(s) ->> 'rounding')::numeric, 0),
    coalesce((to_jsonb(s) ->> 'tax_sum')::numeric, 0), coalesce((to_jsonb(s) ->> 'cost_sum')::numeric, 0),
    coalesce((to_jsonb(s) ->> 'cost_known_sum')::numeric, 0), s.void, s.lines, s.payments
FROM sales_listed s
LEFT JOIN contacts c USING (outlet_id, contact_id)
LEFT JOIN app.tills t ON t.till_id = s.till_id
WHERE s.outlet_id = %(outlet)s AND s.sale_id = %(sale)s AND (%(till)s::uuid IS NULL OR s.till_id = %(till)s::uuid)
ORDER BY s.at DESC, s.till_id DESC
LIMIT 1;

-- name: shift_number
-- By which number the receipt's shift is known.
SELECT number FROM shift_openings WHERE outlet_id = %(outlet)s AND shift_id = %(shift)s AND till_id = %(till)s
UNION ALL
SELECT number FROM shift_closings WHERE outlet_id = %(outlet)s AND shift_id = %(shift)s AND till_id = %(till)s
LIMIT 1;

-- name: original
-- The receipt that counts in place of a copy; a generation that knows no copies is not asked.
SELECT o.sale_id, o.till_id
FROM sales_standing o
JOIN sales_listed s ON s.outlet_id = o.outlet_id AND s.fiscal_fn = o.fiscal_fn AND s.fiscal_fd = o.fiscal_fd
WHERE s.outlet_id = %(outlet)s AND s.sale_id = %(sale)s AND s.till_id = %(till)s AND o.fiscal_fd IS NOT NULL;

-- name: return_of_numbers
-- The return that says the fiscal numbers of a sale, both counting; asked where the sale has numbers.
SELECT r.return_id, r.at
FROM sales_standing s
JOIN returns_standing r ON r.outlet_id = s.outlet_id AND r.fiscal_fn = s.fiscal_fn AND r.fiscal_fd = s.fiscal_fd
WHERE s.outlet_id = %(outlet)s AND s.sale_id = %(sale)s AND s.till_id = %(till)s AND r.fiscal_fd IS NOT NULL
LIMIT 1;

-- name: sale_of_numbers
-- The other way round, of a return that counts.
SELECT s.sale_id, s.till_id
FROM returns_standing r
JOIN sales_standing s ON s.outlet_id = r.outlet_id AND s.fiscal_fn = r.fiscal_fn AND s.fiscal_fd = r.fiscal_fd
WHERE r.outlet_id = %(outlet)s AND r.return_id = %(return)s AND r.till_id = %(by)s AND s.fiscal_fd IS NOT NULL
LIMIT 1;

-- A return is of the latest sale with the id that it names and that is not later than it: of its own till, else of the
-- outlet.

-- name: returns_of_sale
SELECT r.return_id, r.at, r.amount, -r.difference, r.lines, r.refunds, r.void
FROM returns_listed r
WHERE r.outlet_id = %(outlet)s AND r.sale_id = %(sale)s
    AND NOT r.fiscal_copy
    AND %(till)s::uuid = (
        SELECT s.till_id
        FROM sales_listed s
        WHERE s.outlet_id = r.outlet_id AND s.sale_id = r.sale_id AND s.at <= r.at
        ORDER BY s.till_id = r.till_id DESC, s.at DESC, s.till_id DESC
        LIMIT 1
    )
ORDER BY r.at, r.return_id, r.till_id;

-- name: return
SELECT r.return_id, r.at, r.amount, -r.difference, r.lines, r.refunds, r.void, r.sale_id, t.name AS till, r.fiscal_copy,
    r.till_id, to_jsonb(r) ->> 'fiscal_fd'
FROM returns_listed r
LEFT JOIN app.tills t ON t.till_id = r.till_id
WHERE r.outlet_id = %(outlet)s AND r.return_id = %(return)s AND (%(by)s::uuid IS NULL OR r.till_id = %(by)s::uuid)
ORDER BY r.at DESC, r.till_id DESC
LIMIT 1;

-- name: good_names
SELECT good_id, name FROM goods WHERE outlet_id = %(outlet)s AND good_id = ANY (%(goods)s);
