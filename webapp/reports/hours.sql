-- What the hours of the day bring, returns taken off: of all outlets together, or `apart`. `begins` as in sold.sql. On
-- `OFFSET 0` see sums.sql. `rows` is a list (webapp/lists): its last columns are there to be sorted by; `sums_…` are those
-- of all rows.

-- name: rows
SELECT
    t.*, lpad(t.hour::text, 2, '0') AS clock, t.revenue / nullif(sum(t.revenue) OVER (), 0) AS share,
    (sum(t.sales) OVER ())::integer AS sums_sales, sum(t.revenue) OVER () AS sums_revenue,
    t.revenue / nullif(t.sales, 0) AS average, CASE WHEN t.before > 0 AND t.sales_before >= 5 THEN (t.revenue - t.before) / t.before END AS change
FROM (
    SELECT
        CASE WHEN %(apart)s::boolean THEN p.outlet_id END AS outlet_id, p.hour,
        coalesce(sum(p.sales) FILTER (WHERE p.day >= w.first), 0)::integer AS sales,
        coalesce(sum(p.revenue) FILTER (WHERE p.day >= w.first), 0) AS revenue,
        coalesce(sum(p.revenue) FILTER (WHERE p.day < w.first), 0) AS before,
        coalesce(sum(p.sales) FILTER (WHERE p.day < w.first), 0)::integer AS sales_before
    FROM unnest(%(outlets)s::uuid[], %(firsts)s::date[], %(lasts)s::date[], %(begins)s::date[])
        AS w (outlet_id, first, last, begin)
    CROSS JOIN LATERAL (
        SELECT * FROM hourly h WHERE h.outlet_id = w.outlet_id AND h.day BETWEEN w.begin AND w.last OFFSET 0
    ) p
    GROUP BY 1, 2
    HAVING bool_or(p.day >= w.first AND (p.sales <> 0 OR p.revenue <> 0))
) t;
