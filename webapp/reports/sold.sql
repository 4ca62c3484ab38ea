-- `begins` are the first days of the stretches before the periods, with which these are compared. On `OFFSET 0` see sums.sql.
-- A change is told against five units at least; groups are those of all outlets, or of each `apart`. `by_good` and `by_category` are lists (webapp/lists): `margin` and `change` are there to be sorted by.
-- `sums_…` are those of all rows, also of what was sold before the period alone: so the days are read once. Names are looked
-- up for the rows that are shown, not for all (a sub-select in the list of columns waits for the LIMIT). An outlet is summed
-- up by itself, as in breakdown.sql.

-- name: each_good
-- Of each outlet and good that was sold: the figures of its window and of the days before it.
SELECT w.outlet_id, p.*
FROM unnest(%(outlets)s::uuid[], %(firsts)s::date[], %(lasts)s::date[], %(begins)s::date[])
    AS w (outlet_id, first, last, begin)
CROSS JOIN LATERAL (
    SELECT
        s.good_id,
        sum(s.quantity) FILTER (WHERE s.day >= w.first)
        - coalesce(sum(s.returned_quantity) FILTER (WHERE s.returned_quantity <> 0 AND s.day >= w.first), 0) AS quantity,
        sum(s.revenue) FILTER (WHERE s.day >= w.first)
        - coalesce(sum(s.returned_sum) FILTER (WHERE s.returned_sum <> 0 AND s.day >= w.first), 0) AS revenue,
        coalesce(sum(s.returned_sum) FILTER (WHERE s.returned_sum <> 0 AND s.day >= w.first), 0) AS returned_sum,
        sum(s.cost_sum) FILTER (WHERE s.day >= w.first)
        - coalesce(sum(s.returned_cost_sum) FILTER (WHERE s.returned_cost_sum <> 0 AND s.day >= w.first), 0) AS cost_sum,
        sum(s.cost_known_sum) FILTER (WHERE s.day >= w.first)
        - coalesce(sum(s.returned_cost_known_sum) FILTER (WHERE s.returned_sum <> 0 AND s.day >= w.first), 0) AS cost_known_sum,
        coalesce(sum(s.revenue - s.returned_sum) FILTER (WHERE s.day < w.first), 0) AS before,
        coalesce(sum(s.quantity - s.returned_quantity) FILTER (WHERE s.day < w.first), 0) AS quantity_before,
        bool_or(s.day >= w.first AND (s.quantity <> 0 OR s.returned_quantity <> 0)) AS within
    FROM (
        SELECT
            s.good_id, s.day, s.quantity, s.revenue, s.cost_sum, s.cost_known_sum, s.returned_quantity, s.returned_sum,
            s.returned_cost_sum, s.returned_cost_known_sum
        FROM sold s
        WHERE s.outlet_id = w.outlet_id AND s.day BETWEEN %(earliest)s::date AND %(latest)s::date
            AND CASE WHEN s.day BETWEEN w.begin AND w.last THEN true END
        ORDER BY s.good_id
        OFFSET 0  -- good by good: hashed, the sums of all goods would be held at once, which takes twice as long
    ) s
    GROUP BY s.good_id
) p;

-- name: by_good over each_good
SELECT
    t.outlet_id, t.good_id,
    coalesce(
        (SELECT g.name FROM goods g WHERE g.outlet_id = t.outlet_id AND g.good_id = t.good_id),
        (SELECT n.name FROM good_names n WHERE n.outlet_id = t.outlet_id AND n.good_id = t.good_id),
        t.good_id
    ) AS name,
    coalesce((SELECT g.category FROM goods g WHERE g.outlet_id = t.outlet_id AND g.good_id = t.good_id), '') AS category,
    t.quantity, t.revenue, t.returned_sum, t.cost_sum, t.cost_known_sum, t.before, t.quantity_before,
    CASE WHEN t.cost_sum <> 0 OR t.cost_known_sum <> 0 THEN t.cost_known_sum - t.cost_sum END AS margin,
    CASE WHEN t.before > 0 AND t.quantity_before >= 5 THEN (t.revenue - t.before) / t.before END AS change,
    t.sums_count, t.sums_quantity, t.sums_revenue, t.sums_returned_sum, t.sums_cost_sum, t.sums_cost_known_sum,
    t.sums_before, t.sums_quantity_before
FROM (
    SELECT
        k.*, count(*) FILTER (WHERE k.within) OVER () AS sums_count, sum(k.quantity) OVER () AS sums_quantity,
        sum(k.revenue) OVER () AS sums_revenue, sum(k.returned_sum) OVER () AS sums_returned_sum,
        sum(k.cost_sum) OVER () AS sums_cost_sum, sum(k.cost_known_sum) OVER () AS sums_cost_known_sum,
        sum(k.before) OVER () AS sums_before, sum(k.quantity_before) OVER () AS sums_quantity_before
    FROM each_good k
) t
WHERE t.within;

-- name: by_category over each_good
SELECT
    t.outlet_id, NULL::text AS good_id, '' AS name, t.category, t.quantity, t.revenue, t.returned_sum,
    t.cost_sum, t.cost_known_sum, t.before, t.quantity_before,
    CASE WHEN t.cost_sum <> 0 OR t.cost_known_sum <> 0 THEN t.cost_known_sum - t.cost_sum END AS margin,
    CASE WHEN t.before > 0 AND t.quantity_before >= 5 THEN (t.revenue - t.before) / t.before END AS change,
    t.sums_count, t.sums_quantity, t.sums_revenue, t.sums_returned_sum, t.sums_cost_sum, t.sums_cost_known_sum,
    t.sums_before, t.sums_quantity_before
FROM (
    SELECT
        c.*, count(*) FILTER (WHERE c.within) OVER () AS sums_count, sum(c.quantity) OVER () AS sums_quantity,
        sum(c.revenue) OVER () AS sums_revenue, sum(c.returned_sum) OVER () AS sums_returned_sum,
        sum(c.cost_sum) OVER () AS sums_cost_sum, sum(c.cost_known_sum) OVER () AS sums_cost_known_sum,
        sum(c.before) OVER () AS sums_before, sum(c.quantity_before) OVER () AS sums_quantity_before
    FROM (
        SELECT
            CASE WHEN %(apart)s::boolean THEN k.outlet_id END AS outlet_id, coalesce(g.category, '') AS category,
            sum(k.quantity) AS quantity, sum(k.revenue) AS revenue,
            sum(k.returned_sum) AS returned_sum, sum(k.cost_sum) AS cost_sum, sum(k.cost_known_sum) AS cost_known_sum,
            sum(k.before) AS before, sum(k.quantity_before) AS quantity_before, bool_or(k.within) AS within
        FROM each_good k
        LEFT JOIN goods g ON g.outlet_id = k.outlet_id AND g.good_id = k.good_id
        GROUP BY 1, 2
    ) c
) t
WHERE t.within;

-- name: total
-- Where nothing was sold in the period: what the days before brought.
SELECT
    0 AS count,
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
