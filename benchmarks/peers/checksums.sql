-- One number per table that does not depend on the order of rows; run over a peer's tables and over ours.

-- name: daily
SELECT count(*), sum(hashtextextended(concat_ws('|', outlet_id, day, sales, returns, trim_scale(goods_sum),
    trim_scale(discount_sum), trim_scale(returns_sum)), 0)::numeric) FROM daily WHERE sales <> 0 OR returns <> 0;

-- name: payments
SELECT count(*), sum(hashtextextended(concat_ws('|', outlet_id, day, method, trim_scale(amount), count, refunds),
    0)::numeric) FROM payments WHERE amount <> 0 OR count <> 0 OR refunds <> 0;

-- name: stock
SELECT count(*), sum(hashtextextended(concat_ws('|', outlet_id, good_id, warehouse_id, trim_scale(quantity)),
    0)::numeric) FROM stock WHERE quantity <> 0;

-- name: sales
SELECT count(*), sum(hashtextextended(concat_ws('|', outlet_id, sale_id, till_id, number, at, day, positions,
    trim_scale(goods_sum), trim_scale(discount_sum), trim_scale(total), trim_scale(change), as_sent.lines, payments),
    0)::numeric)
FROM sales s
CROSS JOIN LATERAL (
    SELECT jsonb_agg(jsonb_strip_nulls(l - 'sum') ORDER BY n) AS lines
    FROM jsonb_array_elements(s.lines) WITH ORDINALITY AS e (l, n)
) as_sent;
