-- On `OFFSET 0` and on columns that kept reports of earlier releases lack see sums.sql.

-- name: so_far
-- For the dashboard: whole days, and of days that end at a moment (`before`) the hours before the one that is running then (`hour`),
-- as a day counts them that begins at the hour `begin`; of that hour the receipts. An hour that comes twice is two hours long.
WITH outlet AS (
    SELECT * FROM unnest(%(outlets)s::uuid[], %(clocks)s::integer[]) AS o (outlet_id, clock)
), day AS (
    SELECT *
    FROM unnest(
        %(names)s::text[], %(clocks_of_days)s::integer[], %(days)s::date[], %(befores)s::timestamptz[], %(hours)s::integer[],
        %(begins)s::integer[]
    ) AS d (name, clock, day, before, hour, begin)
), asked AS (
    SELECT o.outlet_id, d.* FROM day d JOIN outlet o USING (clock)
), absent AS (
    SELECT NULL::numeric AS revenue
)
SELECT name, outlet_id, sum(sales)::integer, sum(revenue)
FROM (
    SELECT a.name, a.outlet_id, d.sales, d.revenue
    FROM asked a
    CROSS JOIN LATERAL (
        SELECT d.sales, d.revenue FROM daily d WHERE d.outlet_id = a.outlet_id AND d.day = a.day OFFSET 0
    ) d
    WHERE a.before IS NULL
    UNION ALL
    SELECT a.name, a.outlet_id, h.sales, h.revenue
    FROM asked a
    CROSS JOIN LATERAL (
        SELECT sum(h.sales) AS sales, sum(h.revenue) AS revenue
        FROM hourly h
        WHERE h.outlet_id = a.outlet_id AND h.day = a.day AND (h.hour - a.begin + 24) %% 24 < (a.hour - a.begin + 24) %% 24
    ) h
    WHERE a.before IS NOT NULL AND h.sales IS NOT NULL
    UNION ALL
    SELECT a.name, a.outlet_id, 1, coalesce((SELECT revenue FROM (SELECT s.*) AS own), s.total)
    FROM asked a
    CROSS JOIN absent
    CROSS JOIN LATERAL (
        SELECT *
        FROM sales_standing s
        WHERE s.outlet_id = a.outlet_id AND s.day = a.day AND s.hour = a.hour AND s.at < a.before
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
        WHERE r.outlet_id = a.outlet_id AND r.day = a.day AND r.hour = a.hour AND r.at < a.before
            AND r.at >= a.before - interval '2 hours'
        OFFSET 0
    ) r
    WHERE a.before IS NOT NULL
) parts
GROUP BY name, outlet_id
HAVING sum(sales) <> 0 OR sum(revenue) <> 0;
