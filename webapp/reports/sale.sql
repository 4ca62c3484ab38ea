-- name: sale
SELECT
    s.sale_id, s.till_id, s.number, s.at, s.goods_sum, s.discount_sum, s.total, s.change, s.difference, s.contact_id,
    c.name AS contact, s.cashier, t.name AS till, s.lines, s.payments
FROM sales s
LEFT JOIN contacts c USING (outlet_id, contact_id)
LEFT JOIN app.tills t ON t.till_id = s.till_id
WHERE s.outlet_id = %(outlet)s AND s.sale_id = %(sale)s AND (%(till)s::uuid IS NULL OR s.till_id = %(till)s::uuid)
ORDER BY s.at DESC, s.till_id DESC
LIMIT 1;

-- A return names its sale by the till's own id; one made at a till that knows no such sale is of the sale shown.

-- name: returns_of_sale
SELECT r.return_id, r.at, r.amount, r.difference, r.lines, r.refunds
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

-- name: return
SELECT r.return_id, r.at, r.amount, r.difference, r.lines, r.refunds, r.sale_id, t.name AS till
FROM returns r
LEFT JOIN app.tills t ON t.till_id = r.till_id
WHERE r.outlet_id = %(outlet)s AND r.return_id = %(return)s AND (%(by)s::uuid IS NULL OR r.till_id = %(by)s::uuid)
ORDER BY r.at DESC, r.till_id DESC
LIMIT 1;

-- name: good_names
SELECT good_id, name FROM goods WHERE outlet_id = %(outlet)s AND good_id = ANY (%(goods)s);
