-- `begins` are the first days of the stretches before the periods, with which these are compared. On `OFFSET 0` see sums.sql.
-- `all` and `rows` read from `cashiers_summed`.

-- name: cashiers_summed
-- What each cashier sold and took back, by the shop's id where there is one, and then by the name of the latest day; else
-- by name.
SELECT
    p.outlet_id, p.cashier_id, coalesce((array_agg(p.cashier ORDER BY p.day DESC) FILTER (WHERE p.cashier <> ''))[1], '') AS cashier,
    coalesce(sum(p.sales) FILTER (WHERE p.day >= w.first), 0)::integer AS sales,
    coalesce(sum(p.positions) FILTER (WHERE p.day >= w.first), 0)::integer AS positions,
    coalesce(sum(p.revenue) FILTER (WHERE p.day >= w.first), 0) AS revenue,
    coalesce(sum(p.advances_sum + p.tips_sum + p.debts_sum) FILTER (WHERE p.day >= w.first), 0) AS beside,
    coalesce(sum(p.discount_sum) FILTER (WHERE p.day >= w.first), 0) AS discount_sum,
    coalesce(sum(p.discounted) FILTER (WHERE p.day >= w.first), 0)::integer AS discounted,
    coalesce(sum(p.returns) FILTER (WHERE p.day >= w.first), 0)::integer AS returns,
    coalesce(sum(p.returns_sum) FILTER (WHERE p.day >= w.first), 0) AS returns_sum,
    coalesce(sum(p.voided) FILTER (WHERE p.day >= w.first), 0)::integer AS voided,
    coalesce(sum(p.revenue) FILTER (WHERE p.day < w.first), 0) AS before,
    coalesce(sum(p.sales) FILTER (WHERE p.day < w.first), 0)::integer AS sales_before
FROM unnest(%(outlets)s::uuid[], %(firsts)s::date[], %(lasts)s::date[], %(begins)s::date[])
    AS w (outlet_id, first, last, begin)
CROSS JOIN LATERAL (
    SELECT * FROM cashiers c WHERE c.outlet_id = w.outlet_id AND c.day BETWEEN w.begin AND w.last OFFSET 0
) p
GROUP BY p.outlet_id, p.cashier_id, CASE WHEN p.cashier_id = '' THEN p.cashier ELSE '' END
HAVING bool_or(p.day >= w.first AND (p.sales <> 0 OR p.returns <> 0 OR p.voided <> 0));

-- name: all over cashiers_summed
-- For what stands out among them.
SELECT * FROM cashiers_summed ORDER BY revenue DESC, cashier_id, cashier LIMIT %(limit)s;

-- name: rows over cashiers_summed
-- A list (webapp/lists): its last columns are there to be sorted by.
SELECT
    c.*, coalesce(nullif(c.cashier, ''), nullif(c.cashier_id, ''), %(nobody)s::text) AS title,
    round((c.revenue + c.beside + c.returns_sum) / nullif(c.sales, 0), 2) AS average,
    CASE WHEN c.before > 0 AND c.sales_before >= 5 THEN (c.revenue - c.before) / c.before END AS change
FROM cashiers_summed c;
