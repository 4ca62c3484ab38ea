-- name: documents
SELECT true AS is_sale, sale_id AS id, at, till_id::text, run::text, seq, log_offset, total, goods_sum, discount_sum,
    payments, change
FROM sales WHERE outlet_id = %(outlet)s AND day = %(day)s
UNION ALL
SELECT false, return_id, at, till_id::text, run::text, seq, log_offset, amount, 0, 0, refunds, 0
FROM returns WHERE outlet_id = %(outlet)s AND day = %(day)s
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
