-- `OFFSET 0` keeps each lateral query by itself, so that an index serves it however many outlets there are: joined, the
-- planner would rather read all sales.

-- name: sums
WITH asked AS (
    SELECT *
    FROM unnest(
        %(names)s::text[], %(outlets)s::uuid[], %(firsts)s::date[], %(lasts)s::date[], %(befores)s::timestamptz[]
    ) AS asked (name, outlet_id, first, last, before)
), absent AS (
    -- Reports that an earlier release kept lack these columns: all they have is revenue. In the subqueries below a
    -- column's name is that of the table's own where it has one, else of these.
    SELECT NULL::numeric AS revenue, NULL::numeric AS advances_sum, NULL::numeric AS tips_sum, NULL::numeric AS debts_sum
)
SELECT
    name, outlet_id, sum(sales)::integer AS sales, sum(returns)::integer AS returns, sum(goods_sum) AS goods_sum,
    sum(discount_sum) AS discount_sum, sum(returns_sum) AS returns_sum, sum(revenue) AS revenue, sum(beside) AS beside,
    sum(unreconciled)::integer AS unreconciled
FROM (
    SELECT
        a.name, a.outlet_id, d.sales, d.returns, d.goods_sum, d.discount_sum, d.returns_sum, d.revenue,
        coalesce((SELECT advances_sum + tips_sum + debts_sum FROM (SELECT d.*) AS own), 0) AS beside, d.unreconciled
    FROM asked a
    CROSS JOIN absent
    JOIN daily d ON d.outlet_id = a.outlet_id AND d.day >= a.first
        AND d.day <= a.last - (a.before IS NOT NULL)::integer
    UNION ALL
    -- The last day only up to a moment: its receipts one by one. A local day is at most 26 hours long.
    SELECT
        a.name, a.outlet_id, 1, 0, s.goods_sum, s.discount_sum, 0,
        coalesce((SELECT revenue FROM (SELECT s.*) AS own), s.total),
        coalesce((SELECT advances_sum + tips_sum + debts_sum FROM (SELECT s.*) AS own), 0), (s.difference <> 0)::integer
    FROM asked a
    CROSS JOIN absent
    CROSS JOIN LATERAL (
        SELECT *
        FROM sales_standing s
        WHERE s.outlet_id = a.outlet_id AND s.day = a.last AND s.at < a.before
            AND s.at >= a.before - interval '26 hours'
        OFFSET 0
    ) s
    WHERE a.before IS NOT NULL
    UNION ALL
    SELECT
        a.name, a.outlet_id, 0, 1, 0, 0, r.amount,
        -coalesce((SELECT revenue FROM (SELECT r.*) AS own), r.amount),
        -coalesce((SELECT advances_sum + tips_sum + debts_sum FROM (SELECT r.*) AS own), 0), (r.difference <> 0)::integer
    FROM asked a
    CROSS JOIN absent
    CROSS JOIN LATERAL (
        SELECT *
        FROM returns_standing r
        WHERE r.outlet_id = a.outlet_id AND r.day = a.last AND r.at < a.before
            AND r.at >= a.before - interval '26 hours'
        OFFSET 0
    ) r
    WHERE a.before IS NOT NULL
) parts
GROUP BY name, outlet_id
HAVING sum(parts.sales) <> 0 OR sum(parts.returns) <> 0;

-- name: together over sums
-- The same of all outlets together.
SELECT
    name, sum(sales)::integer, sum(returns)::integer, sum(goods_sum), sum(discount_sum), sum(returns_sum), sum(revenue), sum(beside),
    sum(unreconciled)::integer
FROM sums
GROUP BY name;
