-- ABC and XYZ: goods by their share of revenue and of margin, and by how evenly they sell from week to week. Returns are
-- taken off. A good is A while those before it bring less than 80 % of the whole, B while less than 95 %, else C. The
-- variation is that of its whole weeks, counted back from the last day: standard deviation over mean. Weeks before the
-- outlet's first sale are none of its own; of fewer than four it is too `early` to tell. `begins` as in sold.sql: `before` is
-- what a good brought in as many days before, `abc_before` its class by that. On `OFFSET 0` see sums.sql.

-- name: classed
-- All goods that were sold in the period.
SELECT
    d.outlet_id, d.good_id, d.quantity, d.revenue, d.cost_sum, d.cost_known_sum, d.before, d.quantity_before, d.variation,
    d.weeks < 4 AS early,
    row_number() OVER (ORDER BY d.revenue DESC, d.good_id, d.outlet_id)::integer AS place,
    CASE
        WHEN d.revenue <= 0 THEN 'C'
        WHEN d.revenue_before < d.whole_revenue * 0.80 THEN 'A'
        WHEN d.revenue_before < d.whole_revenue * 0.95 THEN 'B'
        ELSE 'C'
    END AS abc,
    CASE
        WHEN d.cost_sum = 0 AND d.cost_known_sum = 0 THEN NULL
        WHEN d.cost_known_sum - d.cost_sum <= 0 THEN 'C'
        WHEN d.margin_before < d.whole_margin * 0.80 THEN 'A'
        WHEN d.margin_before < d.whole_margin * 0.95 THEN 'B'
        ELSE 'C'
    END AS abc_margin,
    CASE
        WHEN d.before = 0 AND d.quantity_before = 0 THEN NULL
        WHEN d.before <= 0 THEN 'C'
        WHEN d.earlier_before < d.whole_before * 0.80 THEN 'A'
        WHEN d.earlier_before < d.whole_before * 0.95 THEN 'B'
        ELSE 'C'
    END AS abc_before,
    CASE WHEN d.variation <= 0.10 THEN 'X' WHEN d.variation <= 0.25 THEN 'Y' WHEN d.variation IS NOT NULL THEN 'Z' END AS xyz
FROM (
    SELECT
        t.*,
        sum(greatest(t.revenue, 0)) OVER (ORDER BY t.revenue DESC, t.good_id, t.outlet_id ROWS UNBOUNDED PRECEDING)
            - greatest(t.revenue, 0) AS revenue_before,
        sum(greatest(t.revenue, 0)) OVER () AS whole_revenue,
        sum(greatest(t.cost_known_sum - t.cost_sum, 0)) OVER (
            ORDER BY t.cost_known_sum - t.cost_sum DESC, t.good_id, t.outlet_id ROWS UNBOUNDED PRECEDING
        ) - greatest(t.cost_known_sum - t.cost_sum, 0) AS margin_before,
        sum(greatest(t.cost_known_sum - t.cost_sum, 0)) OVER () AS whole_margin,
        sum(greatest(t.before, 0)) OVER (ORDER BY t.before DESC, t.good_id, t.outlet_id ROWS UNBOUNDED PRECEDING)
            - greatest(t.before, 0) AS earlier_before,
        sum(greatest(t.before, 0)) OVER () AS whole_before,
        CASE
            WHEN t.weeks >= 4 AND t.in_weeks > 0
            THEN sqrt(greatest(t.squares / t.weeks - (t.in_weeks / t.weeks) ^ 2, 0)) / (t.in_weeks / t.weeks)
        END AS variation
    FROM (
        SELECT w.outlet_id, w.weeks, k.*
        FROM (
            SELECT w.*, (w.last - w.begun + 1) / 7 AS weeks
            FROM (
                SELECT
                    w.*,
                    greatest(
                        w.first, (SELECT min(s.day) FROM sold s WHERE s.outlet_id = w.outlet_id AND s.quantity <> 0)
                    ) AS begun
                FROM unnest(%(outlets)s::uuid[], %(firsts)s::date[], %(lasts)s::date[], %(begins)s::date[])
                    AS w (outlet_id, first, last, begin)
                OFFSET 0  -- once an outlet, not once a row
            ) w
        ) w
        CROSS JOIN LATERAL (
            SELECT
                p.good_id, bool_or(p.within) AS within, coalesce(sum(p.quantity), 0) AS quantity,
                coalesce(sum(p.revenue), 0) AS revenue, coalesce(sum(p.cost_sum), 0) AS cost_sum,
                coalesce(sum(p.cost_known_sum), 0) AS cost_known_sum, coalesce(sum(p.before), 0) AS before,
                coalesce(sum(p.quantity_before), 0) AS quantity_before,
                coalesce(sum(p.quantity) FILTER (WHERE p.week < w.weeks), 0) AS in_weeks,
                coalesce(sum(p.quantity * p.quantity) FILTER (WHERE p.week < w.weeks), 0) AS squares
            FROM (
                SELECT
                    s.good_id, s.week, bool_or(s.within) AS within,
                    sum(s.quantity) FILTER (WHERE s.within)
                    - coalesce(sum(s.returned_quantity) FILTER (WHERE s.returned_quantity <> 0 AND s.within), 0) AS quantity,
                    sum(s.revenue) FILTER (WHERE s.within)
                    - coalesce(sum(s.returned_sum) FILTER (WHERE s.returned_sum <> 0 AND s.within), 0) AS revenue,
                    sum(s.cost_sum - s.returned_cost_sum) FILTER (WHERE s.within) AS cost_sum,
                    sum(s.cost_known_sum - s.returned_cost_known_sum) FILTER (WHERE s.within) AS cost_known_sum,
                    sum(s.revenue - s.returned_sum) FILTER (WHERE NOT s.within) AS before,
                    sum(s.quantity - s.returned_quantity) FILTER (WHERE NOT s.within) AS quantity_before
                FROM (
                    -- good by good and week by week, as in sold.sql; the days before are one more week, later than all
                    -- that are counted
                    SELECT
                        s.good_id, CASE WHEN s.day >= w.first THEN (w.last - s.day) / 7 ELSE 1000 END AS week,
                        s.day >= w.first AS within, s.quantity, s.revenue, s.cost_sum, s.cost_known_sum,
                        s.returned_quantity, s.returned_sum, s.returned_cost_sum, s.returned_cost_known_sum
                    FROM sold s
                    WHERE s.outlet_id = w.outlet_id AND s.day BETWEEN %(earliest)s::date AND %(latest)s::date
                        AND CASE WHEN s.day BETWEEN w.begin AND w.last THEN true END
                        AND (s.quantity <> 0 OR s.returned_quantity <> 0)
                    ORDER BY s.good_id, week
                    OFFSET 0
                ) s
                GROUP BY s.good_id, s.week
            ) p
            GROUP BY p.good_id
        ) k
    ) t
) d
WHERE d.within;

-- name: rows over classed
-- A list (webapp/lists): `margin` and `change` are there to be sorted by. `sums_cells` are those of `cells`, so that what was sold is read
-- once. Names are looked up for the rows that are shown: a sub-select in the list of columns waits for the LIMIT.
SELECT
    r.*, CASE WHEN r.cost_sum <> 0 OR r.cost_known_sum <> 0 THEN r.cost_known_sum - r.cost_sum END AS margin,
    CASE WHEN r.before > 0 AND r.quantity_before >= 5 THEN (r.revenue - r.before) / r.before END AS change,
    coalesce(
        (SELECT g.name FROM goods g WHERE g.outlet_id = r.outlet_id AND g.good_id = r.good_id),
        (SELECT n.name FROM good_names n WHERE n.outlet_id = r.outlet_id AND n.good_id = r.good_id),
        r.good_id
    ) AS name,
    coalesce((SELECT g.category FROM goods g WHERE g.outlet_id = r.outlet_id AND g.good_id = r.good_id), '') AS category,
    (
        SELECT jsonb_agg(jsonb_build_array(c.abc, c.xyz, c.goods, c.revenue::text))
        FROM (SELECT k.abc, k.xyz, count(*) AS goods, sum(k.revenue) AS revenue FROM classed k GROUP BY k.abc, k.xyz) c
    ) AS sums_cells
FROM classed r
WHERE (%(abc)s::text IS NULL OR r.abc = %(abc)s::text) AND (%(xyz)s::text IS NULL OR r.xyz = %(xyz)s::text);

-- name: cells over classed
-- How many goods are of each pair of classes, and what they brought: where the list itself is empty.
SELECT r.abc, r.xyz, count(*)::integer AS goods, sum(r.revenue) AS revenue
FROM classed r
GROUP BY r.abc, r.xyz;
