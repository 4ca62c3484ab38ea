-- name: totals
SELECT outlet_id, goods, sales, data_through FROM outlet_totals WHERE outlet_id = ANY (%(outlets)s);

-- name: daily
SELECT
    day, sales, revenue, goods_sum, discount_sum, returns_sum, unreconciled, returns, tax_sum, advances_sum, tips_sum,
    debts_sum, cost_sum, cost_known_sum, voided
FROM daily
WHERE outlet_id = %(outlet)s
    AND day BETWEEN coalesce(%(from)s::date, '-infinity') AND coalesce(%(to)s::date, 'infinity')
    AND (sales <> 0 OR returns <> 0 OR voided <> 0)
ORDER BY day;

-- name: hours
SELECT day, hour, sales, revenue
FROM hourly
WHERE outlet_id = %(outlet)s
    AND day BETWEEN coalesce(%(from)s::date, '-infinity') AND coalesce(%(to)s::date, 'infinity')
    AND (sales <> 0 OR revenue <> 0)
ORDER BY day, hour;

-- name: taxes
SELECT day, rate, base_sum, tax_sum
FROM taxes
WHERE outlet_id = %(outlet)s
    AND day BETWEEN coalesce(%(from)s::date, '-infinity') AND coalesce(%(to)s::date, 'infinity')
    AND (base_sum <> 0 OR tax_sum <> 0)
ORDER BY day, rate;

-- name: cashiers
-- By the shop's id where there is one, and then by the name of the latest day; else by name.
SELECT
    nullif(cashier_id, '') AS cashier_id, (array_agg(nullif(cashier, '') ORDER BY cashier = '', day DESC, cashier))[1] AS cashier,
    sum(sales)::integer AS sales, sum(revenue) AS revenue, sum(discount_sum) AS discount_sum,
    sum(returns)::integer AS returns, sum(returns_sum) AS returns_sum,
    sum(voided)::integer AS voided
FROM cashiers
WHERE outlet_id = %(outlet)s
    AND day BETWEEN coalesce(%(from)s::date, '-infinity') AND coalesce(%(to)s::date, 'infinity')
    AND (sales <> 0 OR returns <> 0 OR voided <> 0)
GROUP BY cashier_id, CASE WHEN cashier_id = '' THEN cashier ELSE '' END
ORDER BY sum(revenue) DESC, 1, 2;

-- name: payments
SELECT day, method, amount, count
FROM payments
WHERE outlet_id = %(outlet)s
    AND day BETWEEN coalesce(%(from)s::date, '-infinity') AND coalesce(%(to)s::date, 'infinity')
    AND (amount <> 0 OR count <> 0 OR refunds <> 0)
ORDER BY day, method;
