-- name: shifts
-- The shifts of a range of days, with what their documents come to. A shift's day is that of its opening, else of its
-- first document; a shop has a few shifts a day, so those of all days are looked through.
WITH documents AS MATERIALIZED (
    SELECT
        shift_id, till_id, min(day) FILTER (WHERE sales <> 0 OR returns <> 0 OR cash_moves <> 0) AS first,
        sum(sales)::integer AS sales, sum(sales_sum) AS sales_sum, sum(revenue) AS revenue,
        sum(returns_sum) AS returns_sum, sum(moved_sum) AS moved_sum
    FROM shift_sums
    WHERE outlet_id = %(outlet)s
    GROUP BY shift_id, till_id
    HAVING bool_or(sales <> 0 OR returns <> 0 OR cash_moves <> 0)
), shifts AS (
    SELECT
        coalesce(o.shift_id, c.shift_id, d.shift_id) AS shift_id, coalesce(o.till_id, c.till_id, d.till_id) AS till_id,
        coalesce(o.number, c.number) AS number, o.at AS opened_at, c.at AS closed_at,
        coalesce(o.cashier, c.cashier) AS cashier, coalesce(o.day, least(c.day, d.first)) AS day, o.cash AS opened_cash,
        c.cash AS cash_counted, c.totals_sales, c.totals_returns, c.totals_receipts, c.totals_methods,
        coalesce(d.sales, 0) AS sales, coalesce(d.sales_sum, 0) AS sales_sum, coalesce(d.revenue, 0) AS revenue,
        coalesce(d.returns_sum, 0) AS returns_sum, coalesce(d.moved_sum, 0) AS moved_sum
    FROM (SELECT * FROM shift_openings WHERE outlet_id = %(outlet)s) o
    FULL JOIN (SELECT * FROM shift_closings WHERE outlet_id = %(outlet)s) c USING (shift_id, till_id)
    FULL JOIN documents d USING (shift_id, till_id)
)
SELECT
    s.shift_id, s.till_id, s.number, s.opened_at, s.closed_at, s.cashier, s.day, s.sales, s.sales_sum, s.revenue,
    s.returns_sum, s.cash_counted, s.opened_cash + s.moved_sum + coalesce(money.cash, 0) AS cash_expected,
    s.totals_sales, s.totals_returns, s.totals_receipts, coalesce(s.totals_methods, '[]') AS totals_methods,
    coalesce(money.methods, '{}') AS methods
FROM shifts s
CROSS JOIN LATERAL (
    SELECT jsonb_object_agg(method, amount::text) AS methods, sum(amount) FILTER (WHERE method = 'cash') AS cash
    FROM shift_payments p
    WHERE p.outlet_id = %(outlet)s AND p.shift_id = s.shift_id AND p.till_id = s.till_id
) money
WHERE s.day BETWEEN coalesce(%(from)s::date, '-infinity') AND coalesce(%(to)s::date, 'infinity')
ORDER BY s.day, coalesce(s.opened_at, s.closed_at), s.shift_id, s.till_id;
