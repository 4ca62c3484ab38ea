-- name: totals
SELECT outlet_id, goods, sales, data_through FROM outlet_totals WHERE outlet_id = ANY (%(outlets)s);

-- name: daily
SELECT day, sales, revenue, goods_sum, discount_sum, returns_sum, unreconciled
FROM daily
WHERE outlet_id = %(outlet)s
    AND day BETWEEN coalesce(%(from)s::date, '-infinity') AND coalesce(%(to)s::date, 'infinity')
    AND (sales <> 0 OR returns <> 0)
ORDER BY day;

-- name: payments
SELECT day, method, amount, count
FROM payments
WHERE outlet_id = %(outlet)s
    AND day BETWEEN coalesce(%(from)s::date, '-infinity') AND coalesce(%(to)s::date, 'infinity')
    AND (amount <> 0 OR count <> 0 OR refunds <> 0)
ORDER BY day, method;
