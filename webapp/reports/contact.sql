-- The card of a contact. What it returned are the returns of its sales: a return is of the latest sale with the id that it
-- names and that is not later than it, of its own till, else of the outlet.

-- name: contact
SELECT
    c.name, c.purchases_total, c.debt, c.points, count(s.sale_id)::integer AS receipts, coalesce(sum(s.total), 0) AS total,
    min(s.at) AS first_at, max(s.at) AS last_at,
    coalesce(sum(s.total) FILTER (WHERE s.day BETWEEN %(today)s::date - 89 AND %(today)s::date), 0) AS recent,
    coalesce(sum(s.total) FILTER (WHERE s.day BETWEEN %(today)s::date - 179 AND %(today)s::date - 90), 0) AS before
FROM contacts c
LEFT JOIN sales_standing s ON s.outlet_id = c.outlet_id AND s.contact_id = c.contact_id
WHERE c.outlet_id = %(outlet)s AND c.contact_id = %(contact)s
GROUP BY c.name, c.purchases_total, c.debt, c.points;

-- name: returned
SELECT count(*)::integer AS returns, coalesce(sum(r.amount), 0) AS returned_sum
FROM sales_standing s
JOIN returns_standing r ON r.outlet_id = s.outlet_id AND r.sale_id = s.sale_id
WHERE s.outlet_id = %(outlet)s AND s.contact_id = %(contact)s
    AND s.till_id = (
        SELECT o.till_id
        FROM sales_listed o
        WHERE o.outlet_id = r.outlet_id AND o.sale_id = r.sale_id AND o.at <= r.at
        ORDER BY o.till_id = r.till_id DESC, o.at DESC, o.till_id DESC
        LIMIT 1
    );

-- name: latest
SELECT s.sale_id, s.till_id, s.number, s.at, s.positions, s.total
FROM sales_standing s
WHERE s.outlet_id = %(outlet)s AND s.contact_id = %(contact)s
ORDER BY s.at DESC, s.sale_id DESC, s.till_id DESC
LIMIT 20;
