-- `begins` are the first days of the stretches before the periods, with which these are compared. On `OFFSET 0` see sums.sql.
-- A change is told against five units at least. `by_good` and `by_category` are lists (webapp/lists): `margin` and `change` are there to be sorted by.

-- name: by_good
SELECT
    t.outlet_id, t.good_id, coalesce(g.name, n.name, t.good_id) AS name, coalesce(g.category, '') AS category, t.quantity,
    t.revenue, t.returned_sum, t.cost_sum, t.cost_known_sum, t.before, t.quantity_before,
    CASE WHEN t.cost_sum <> 0 OR t.cost_known_sum <> 0 THEN t.cost_known_sum - t.cost_sum END AS margin,
    CASE WHEN t.before > 0 AND t.quantity_before >= 5 THEN (t.revenue - t.before) / t.before END AS change
FROM (
    SELECT
        p.outlet_id, p.good_id,
        sum(p.quantity - p.returned_quantity) FILTER (WHERE p.day >= w.first) AS quantity,
        sum(p.revenue - p.returned_sum) FILTER (WHERE p.day >= w.first) AS revenue,
        sum(p.returned_sum) FILTER (WHERE p.day >= w.first) AS returned_sum,
        sum(p.cost_sum - p.returned_cost_sum) FILTER (WHERE p.day >= w.first) AS cost_sum,
        sum(p.cost_known_sum - p.returned_cost_known_sum) FILTER (WHERE p.day >= w.first) AS cost_known_sum,
        coalesce(sum(p.revenue - p.returned_sum) FILTER (WHERE p.day < w.first), 0) AS before,
        coalesce(sum(p.quantity - p.returned_quantity) FILTER (WHERE p.day < w.first), 0) AS quantity_before
    FROM unnest(%(outlets)s::uuid[], %(firsts)s::date[], %(lasts)s::date[], %(begins)s::date[])
        AS w (outlet_id, first, last, begin)
    CROSS JOIN LATERAL (
        SELECT * FROM sold s WHERE s.outlet_id = w.outlet_id AND s.day BETWEEN w.begin AND w.last OFFSET 0
    ) p
    GROUP BY p.outlet_id, p.good_id
    HAVING bool_or(p.day >= w.first AND (p.quantity <> 0 OR p.returned_quantity <> 0))
) t
LEFT JOIN goods g ON g.outlet_id = t.outlet_id AND g.good_id = t.good_id
LEFT JOIN good_names n ON n.outlet_id = t.outlet_id AND n.good_id = t.good_id;

-- name: by_category
SELECT
    NULL::uuid AS outlet_id, NULL::text AS good_id, '' AS name, coalesce(g.category, '') AS category,
    sum(t.quantity) AS quantity, sum(t.revenue) AS revenue, sum(t.returned_sum) AS returned_sum,
    sum(t.cost_sum) AS cost_sum, sum(t.cost_known_sum) AS cost_known_sum, sum(t.before) AS before, sum(t.quantity_before) AS quantity_before,
    CASE
        WHEN sum(t.cost_sum) <> 0 OR sum(t.cost_known_sum) <> 0 THEN sum(t.cost_known_sum) - sum(t.cost_sum)
    END AS margin,
    CASE
        WHEN sum(t.before) > 0 AND sum(t.quantity_before) >= 5 THEN (sum(t.revenue) - sum(t.before)) / sum(t.before)
    END AS change
FROM (
    SELECT
        p.outlet_id, p.good_id,
        sum(p.quantity - p.returned_quantity) FILTER (WHERE p.day >= w.first) AS quantity,
        sum(p.revenue - p.returned_sum) FILTER (WHERE p.day >= w.first) AS revenue,
        sum(p.returned_sum) FILTER (WHERE p.day >= w.first) AS returned_sum,
        sum(p.cost_sum - p.returned_cost_sum) FILTER (WHERE p.day >= w.first) AS cost_sum,
        sum(p.cost_known_sum - p.returned_cost_known_sum) FILTER (WHERE p.day >= w.first) AS cost_known_sum,
        coalesce(sum(p.revenue - p.returned_sum) FILTER (WHERE p.day < w.first), 0) AS before,
        coalesce(sum(p.quantity - p.returned_quantity) FILTER (WHERE p.day < w.first), 0) AS quantity_before,
        bool_or(p.day >= w.first AND (p.quantity <> 0 OR p.returned_quantity <> 0)) AS within
    FROM unnest(%(outlets)s::uuid[], %(firsts)s::date[], %(lasts)s::date[], %(begins)s::date[])
        AS w (outlet_id, first, last, begin)
    CROSS JOIN LATERAL (
        SELECT * FROM sold s WHERE s.outlet_id = w.outlet_id AND s.day BETWEEN w.begin AND w.last OFFSET 0
    ) p
    GROUP BY p.outlet_id, p.good_id
) t
LEFT JOIN goods g ON g.outlet_id = t.outlet_id AND g.good_id = t.good_id
GROUP BY coalesce(g.category, '')
HAVING bool_or(t.within);

-- name: total
SELECT
    NULL::uuid AS outlet_id, NULL::text AS good_id, '' AS name, '' AS category,
    coalesce(sum(p.quantity - p.returned_quantity) FILTER (WHERE p.day >= w.first), 0) AS quantity,
    coalesce(sum(p.revenue - p.returned_sum) FILTER (WHERE p.day >= w.first), 0) AS revenue,
    coalesce(sum(p.returned_sum) FILTER (WHERE p.day >= w.first), 0) AS returned_sum,
    coalesce(sum(p.cost_sum - p.returned_cost_sum) FILTER (WHERE p.day >= w.first), 0) AS cost_sum,
    coalesce(sum(p.cost_known_sum - p.returned_cost_known_sum) FILTER (WHERE p.day >= w.first), 0) AS cost_known_sum,
    coalesce(sum(p.revenue - p.returned_sum) FILTER (WHERE p.day < w.first), 0) AS before,
    coalesce(sum(p.quantity - p.returned_quantity) FILTER (WHERE p.day < w.first), 0) AS quantity_before
FROM unnest(%(outlets)s::uuid[], %(firsts)s::date[], %(lasts)s::date[], %(begins)s::date[])
    AS w (outlet_id, first, last, begin)
CROSS JOIN LATERAL (
    SELECT * FROM sold s WHERE s.outlet_id = w.outlet_id AND s.day BETWEEN w.begin AND w.last OFFSET 0
) p;

-- name: count_by_good over by_good
SELECT count(*)::integer FROM by_good;

-- name: count_by_category over by_category
SELECT count(*)::integer FROM by_category;
