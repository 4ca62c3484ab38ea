-- Profit and taxes: what was earned on the part whose cost is known, by day and by outlet, and the tax by rate. Returns
-- are taken off. On `OFFSET 0` see sums.sql; `begins` as in sold.sql. `by_day` and `by_outlet` are
-- lists (webapp/lists): their last columns are there to be sorted by.

-- name: by_day
SELECT
    t.*, CASE WHEN t.cost_sum <> 0 OR t.cost_known_sum <> 0 THEN t.cost_sum END AS cost,
    CASE WHEN t.cost_sum <> 0 OR t.cost_known_sum <> 0 THEN t.cost_known_sum - t.cost_sum END AS margin,
    CASE
        WHEN t.revenue > 0 AND (t.cost_sum <> 0 OR t.cost_known_sum <> 0) THEN t.cost_known_sum / t.revenue
    END AS known_share,
    CASE WHEN t.before > 0 AND t.sales_before >= 5 THEN (t.revenue - t.before) / t.before END AS change
FROM (
    SELECT
        p.day, NULL::uuid AS outlet_id, sum(p.sales)::integer AS sales, sum(p.revenue) AS revenue, sum(p.cost_sum) AS cost_sum,
        sum(p.cost_known_sum) AS cost_known_sum, sum(p.tax_sum) AS tax_sum, 0::numeric AS before, 0 AS sales_before,
        0::numeric AS margin_before
    FROM unnest(%(outlets)s::uuid[], %(firsts)s::date[], %(lasts)s::date[]) AS w (outlet_id, first, last)
    CROSS JOIN LATERAL (
        SELECT * FROM daily d WHERE d.outlet_id = w.outlet_id AND d.day BETWEEN w.first AND w.last OFFSET 0
    ) p
    WHERE p.sales <> 0 OR p.returns <> 0
    GROUP BY p.day
) t;

-- name: by_outlet
SELECT
    t.*, CASE WHEN t.cost_sum <> 0 OR t.cost_known_sum <> 0 THEN t.cost_sum END AS cost,
    CASE WHEN t.cost_sum <> 0 OR t.cost_known_sum <> 0 THEN t.cost_known_sum - t.cost_sum END AS margin,
    CASE
        WHEN t.revenue > 0 AND (t.cost_sum <> 0 OR t.cost_known_sum <> 0) THEN t.cost_known_sum / t.revenue
    END AS known_share,
    CASE WHEN t.before > 0 AND t.sales_before >= 5 THEN (t.revenue - t.before) / t.before END AS change
FROM (
    SELECT
        NULL::date AS day, p.outlet_id, coalesce(sum(p.sales) FILTER (WHERE p.day >= w.first), 0)::integer AS sales,
        coalesce(sum(p.revenue) FILTER (WHERE p.day >= w.first), 0) AS revenue,
        coalesce(sum(p.cost_sum) FILTER (WHERE p.day >= w.first), 0) AS cost_sum,
        coalesce(sum(p.cost_known_sum) FILTER (WHERE p.day >= w.first), 0) AS cost_known_sum,
        coalesce(sum(p.tax_sum) FILTER (WHERE p.day >= w.first), 0) AS tax_sum,
        coalesce(sum(p.revenue) FILTER (WHERE p.day < w.first), 0) AS before,
        coalesce(sum(p.sales) FILTER (WHERE p.day < w.first), 0)::integer AS sales_before,
        coalesce(sum(p.cost_known_sum - p.cost_sum) FILTER (WHERE p.day < w.first), 0) AS margin_before
    FROM unnest(%(outlets)s::uuid[], %(firsts)s::date[], %(lasts)s::date[], %(begins)s::date[])
        AS w (outlet_id, first, last, begin)
    CROSS JOIN LATERAL (
        SELECT * FROM daily d WHERE d.outlet_id = w.outlet_id AND d.day BETWEEN w.begin AND w.last OFFSET 0
    ) p
    GROUP BY p.outlet_id
    HAVING bool_or(p.day >= w.first AND (p.sales <> 0 OR p.returns <> 0))
) t;

-- name: total
SELECT
    NULL::date AS day, NULL::uuid AS outlet_id, coalesce(sum(p.sales) FILTER (WHERE p.day >= w.first), 0)::integer AS sales,
    coalesce(sum(p.revenue) FILTER (WHERE p.day >= w.first), 0) AS revenue,
    coalesce(sum(p.cost_sum) FILTER (WHERE p.day >= w.first), 0) AS cost_sum,
    coalesce(sum(p.cost_known_sum) FILTER (WHERE p.day >= w.first), 0) AS cost_known_sum,
    coalesce(sum(p.tax_sum) FILTER (WHERE p.day >= w.first), 0) AS tax_sum,
    coalesce(sum(p.revenue) FILTER (WHERE p.day < w.first), 0) AS before,
    coalesce(sum(p.sales) FILTER (WHERE p.day < w.first), 0)::integer AS sales_before,
    coalesce(sum(p.cost_known_sum - p.cost_sum) FILTER (WHERE p.day < w.first), 0) AS margin_before
FROM unnest(%(outlets)s::uuid[], %(firsts)s::date[], %(lasts)s::date[], %(begins)s::date[])
    AS w (outlet_id, first, last, begin)
CROSS JOIN LATERAL (
    SELECT * FROM daily d WHERE d.outlet_id = w.outlet_id AND d.day BETWEEN w.begin AND w.last OFFSET 0
) p;

-- name: rates
-- Of all outlets together, or `apart`; `before` is the tax of as many days before.
SELECT t.*
FROM (
    SELECT
        CASE WHEN %(apart)s::boolean THEN p.outlet_id END AS outlet_id, p.rate,
        coalesce(sum(p.base_sum) FILTER (WHERE p.day >= w.first), 0) AS base_sum,
        coalesce(sum(p.tax_sum) FILTER (WHERE p.day >= w.first), 0) AS tax_sum,
        coalesce(sum(p.tax_sum) FILTER (WHERE p.day < w.first), 0) AS before
    FROM unnest(%(outlets)s::uuid[], %(firsts)s::date[], %(lasts)s::date[], %(begins)s::date[])
        AS w (outlet_id, first, last, begin)
    CROSS JOIN LATERAL (
        SELECT * FROM taxes t WHERE t.outlet_id = w.outlet_id AND t.day BETWEEN w.begin AND w.last OFFSET 0
    ) p
    GROUP BY 1, 2
) t
WHERE t.base_sum <> 0 OR t.tax_sum <> 0
ORDER BY sum(t.base_sum) OVER (PARTITION BY t.rate) DESC, t.rate, t.base_sum DESC, t.outlet_id;
