-- On `OFFSET 0` and on columns that kept reports of earlier releases lack see sums.sql.

-- name: so_far
-- For the dashboard: days, the last of which may end at a moment (`before`). Of that one the hours before the one that is running
-- then (`hour`), as a day counts them that begins at the hour `begin`; of that hour the receipts. An hour that comes twice is
-- two hours long.
WITH outlet AS (
    SELECT * FROM unnest(%(outlets)s::uuid[], %(clocks)s::integer[]) AS o (outlet_id, clock)
), period AS (
    SELECT *
    FROM unnest(
        %(names)s::text[], %(clocks_of_periods)s::integer[], %(firsts)s::date[], %(lasts)s::date[], %(befores)s::timestamptz[],
        %(hours)s::integer[], %(begins)s::integer[]
    ) AS p (name, clock, first, last, before, hour, begin)
), asked AS (
    SELECT o.outlet_id, p.* FROM period p JOIN outlet o USING (clock)
), absent AS (
    SELECT NULL::numeric AS revenue
)
SELECT name, outlet_id, sum(sales)::integer AS sales, sum(revenue) AS revenue
FROM (
    SELECT a.name, a.outlet_id, d.sales, d.revenue
    FROM asked a
    CROSS JOIN LATERAL (
        SELECT sum(d.sales) AS sales, sum(d.revenue) AS revenue
        FROM daily d
        WHERE d.outlet_id = a.outlet_id AND d.day >= a.first AND d.day <= a.last - (a.before IS NOT NULL)::integer
    ) d
    WHERE d.sales IS NOT NULL
    UNION ALL
    SELECT a.name, a.outlet_id, h.sales, h.revenue
    FROM asked a
    CROSS JOIN LATERAL (
        SELECT sum(h.sales) AS sales, sum(h.revenue) AS revenue
        FROM hourly h
        WHERE h.outlet_id = a.outlet_id AND h.day = a.last AND (h.hour - a.begin + 24) %% 24 < (a.hour - a.begin + 24) %% 24
    ) h
    WHERE a.before IS NOT NULL AND h.sales IS NOT NULL
    UNION ALL
    SELECT a.name, a.outlet_id, 1, coalesce((SELECT revenue FROM (SELECT s.*) AS own), s.total)
    FROM asked a
    CROSS JOIN absent
    CROSS JOIN LATERAL (
        SELECT *
        FROM sales_standing s
        WHERE s.outlet_id = a.outlet_id AND s.day = a.last AND s.hour = a.hour AND s.at < a.before
            AND s.at >= a.before - interval '2 hours'
        OFFSET 0
    ) s
    WHERE a.before IS NOT NULL
    UNION ALL
    SELECT a.name, a.outlet_id, 0, -coalesce((SELECT revenue FROM (SELECT r.*) AS own), r.amount)
    FROM asked a
    CROSS JOIN absent
    CROSS JOIN LATERAL (
        SELECT *
        FROM returns_standing r
        WHERE r.outlet_id = a.outlet_id AND r.day = a.last AND r.hour = a.hour AND r.at < a.before
            AND r.at >= a.before - interval '2 hours'
        OFFSET 0
    ) r
    WHERE a.before IS NOT NULL
) parts
GROUP BY name, outlet_id
HAVING sum(sales) <> 0 OR sum(revenue) <> 0;

-- name: in_all over so_far
-- For the report: of all outlets together.
SELECT name, sum(sales)::integer, sum(revenue) FROM so_far GROUP BY name;
