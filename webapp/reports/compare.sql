-- `begins` are the first days of the stretches before the periods, with which these are compared. On `OFFSET 0`, and on the
-- columns that reports of an earlier release lack (`absent`), see sums.sql. `outlets` is a list (webapp/lists): its last
-- columns are there to be sorted by.

-- name: outlets
-- What each outlet sold and gave back; outlets without a receipt have a row of zeros.
SELECT
    t.*, sum(t.revenue) OVER () AS whole, round((t.revenue + t.beside + t.returns_sum) / nullif(t.sales, 0), 2) AS average,
    round(t.revenue / nullif(t.days, 0), 2) AS each_day,
    CASE WHEN t.cost_sum <> 0 OR t.cost_known_sum <> 0 THEN t.cost_known_sum - t.cost_sum END AS margin,
    CASE WHEN t.before > 0 AND t.sales_before >= 5 THEN (t.revenue - t.before) / t.before END AS change
FROM (
    SELECT
        w.outlet_id,
        coalesce(sum(d.sales) FILTER (WHERE d.day >= w.first), 0)::integer AS sales,
        count(*) FILTER (WHERE d.day >= w.first AND d.sales > 0)::integer AS days,
        coalesce(sum(d.revenue) FILTER (WHERE d.day >= w.first), 0) AS revenue,
        coalesce(sum(d.beside) FILTER (WHERE d.day >= w.first), 0) AS beside,
        coalesce(sum(d.discount_sum) FILTER (WHERE d.day >= w.first), 0) AS discount_sum,
        coalesce(sum(d.returns) FILTER (WHERE d.day >= w.first), 0)::integer AS returns,
        coalesce(sum(d.returns_sum) FILTER (WHERE d.day >= w.first), 0) AS returns_sum,
        coalesce(sum(d.voided) FILTER (WHERE d.day >= w.first), 0)::integer AS voided,
        coalesce(sum(d.cost_sum) FILTER (WHERE d.day >= w.first), 0) AS cost_sum,
        coalesce(sum(d.cost_known_sum) FILTER (WHERE d.day >= w.first), 0) AS cost_known_sum,
        coalesce(sum(d.revenue) FILTER (WHERE d.day < w.first), 0) AS before,
        coalesce(sum(d.sales) FILTER (WHERE d.day < w.first), 0)::integer AS sales_before
    FROM unnest(%(outlets)s::uuid[], %(firsts)s::date[], %(lasts)s::date[], %(begins)s::date[])
        AS w (outlet_id, first, last, begin)
    LEFT JOIN LATERAL (
        SELECT
            d.day, d.sales, d.revenue, d.discount_sum, d.returns, d.returns_sum,
            (SELECT advances_sum + tips_sum + debts_sum FROM (SELECT d.*) AS own) AS beside,
            (SELECT voided FROM (SELECT d.*) AS own) AS voided,
            (SELECT cost_sum FROM (SELECT d.*) AS own) AS cost_sum,
            (SELECT cost_known_sum FROM (SELECT d.*) AS own) AS cost_known_sum
        FROM daily d
        CROSS JOIN (
            SELECT
                0 AS advances_sum, 0 AS tips_sum, 0 AS debts_sum, 0 AS voided, 0 AS cost_sum, 0 AS cost_known_sum
        ) absent
        WHERE d.outlet_id = w.outlet_id AND d.day BETWEEN w.begin AND w.last
        OFFSET 0
    ) d ON true
    GROUP BY w.outlet_id
) t;
