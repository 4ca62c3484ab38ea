-- name: documents
-- `revenue` in the subqueries is a table's own column where it has one; an earlier release's receipts were all revenue.
SELECT true AS is_sale, sale_id AS id, at, till_id::text, run::text, seq, log_offset, total, goods_sum, discount_sum,
    payments, change, coalesce((SELECT revenue FROM (SELECT s.*) AS own), total) AS revenue
FROM sales_standing s
CROSS JOIN (SELECT NULL::numeric AS revenue) absent
WHERE outlet_id = %(outlet)s AND day = %(day)s
UNION ALL
SELECT false, return_id, at, till_id::text, run::text, seq, log_offset, amount, 0, 0, refunds, 0,
    -coalesce((SELECT revenue FROM (SELECT r.*) AS own), amount)
FROM returns_standing r
CROSS JOIN (SELECT NULL::numeric AS revenue) absent
WHERE outlet_id = %(outlet)s AND day = %(day)s
ORDER BY log_offset, run, seq;

-- name: figure
SELECT CASE %(figure)s
    WHEN 'revenue' THEN d.revenue
    WHEN 'sales' THEN d.sales
    WHEN 'returns' THEN d.returns
    WHEN 'goods_sum' THEN d.goods_sum
    WHEN 'discount_sum' THEN d.discount_sum
    WHEN 'returns_sum' THEN d.returns_sum
    ELSE p.amount
END AS figure
FROM daily d
LEFT JOIN payments p ON p.outlet_id = d.outlet_id AND p.day = d.day AND p.method = %(figure)s
WHERE d.outlet_id = %(outlet)s AND d.day = %(day)s;
