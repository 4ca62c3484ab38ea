-- Shifts, joined from their parts: opening, end, and what their documents come to. A shift's day is that of its opening,
-- else of its first document; a shop has a few shifts a day, so those of all days are looked through (docs/decisions/0053).
-- `begins` are the first days of the stretches before the periods, with which these are compared. `unlike` are shifts whose
-- documents do not come to what the Z-report says; `long` are those of more than 24 hours. On `OFFSET 0` see sums.sql.

-- name: shifts
-- The shifts of the periods and of the stretches before them; the statements below read from it.
WITH documents AS MATERIALIZED (
    SELECT
        d.outlet_id, d.shift_id, d.till_id, min(d.day) AS first, max(d.day) AS last, sum(d.sales)::integer AS sales,
        sum(d.sales_sum) AS sales_sum, sum(d.revenue) AS revenue, sum(d.returns)::integer AS returns,
        sum(d.returns_sum) AS returns_sum, sum(d.moved_sum) AS moved_sum
    FROM unnest(%(outlets)s::uuid[]) AS w (outlet_id)
    CROSS JOIN LATERAL (SELECT * FROM shift_sums s WHERE s.outlet_id = w.outlet_id OFFSET 0) d
    WHERE d.sales <> 0 OR d.returns <> 0 OR d.cash_moves <> 0
    GROUP BY d.outlet_id, d.shift_id, d.till_id
), payments AS MATERIALIZED (
    SELECT
        p.outlet_id, p.shift_id, p.till_id, jsonb_object_agg(p.method, p.amount::text) AS methods,
        sum(p.amount) FILTER (WHERE p.method = 'cash') AS cash
    FROM unnest(%(outlets)s::uuid[]) AS w (outlet_id)
    CROSS JOIN LATERAL (SELECT * FROM shift_payments s WHERE s.outlet_id = w.outlet_id OFFSET 0) p
    GROUP BY p.outlet_id, p.shift_id, p.till_id
), joined AS (
    SELECT
        outlet_id, shift_id, till_id, coalesce(o.number, c.number) AS number, o.at AS opened_at, c.at AS closed_at,
        coalesce(o.cashier, c.cashier) AS cashier, coalesce(o.day, least(c.day, d.first)) AS day, d.first, d.last,
        coalesce(d.sales, 0) AS sales, coalesce(d.sales_sum, 0) AS sales_sum, coalesce(d.revenue, 0) AS revenue,
        coalesce(d.returns, 0) AS returns, coalesce(d.returns_sum, 0) AS returns_sum,
        coalesce(d.moved_sum, 0) AS cash_moved, o.cash AS cash_opened, c.cash AS cash_counted, c.totals_sales,
        c.totals_returns, c.totals_receipts, coalesce(c.totals_methods, '[]') AS totals_methods
    FROM (
        SELECT o.*
        FROM unnest(%(outlets)s::uuid[]) AS w (outlet_id)
        CROSS JOIN LATERAL (SELECT * FROM shift_openings s WHERE s.outlet_id = w.outlet_id OFFSET 0) o
    ) o
    FULL JOIN (
        SELECT c.*
        FROM unnest(%(outlets)s::uuid[]) AS w (outlet_id)
        CROSS JOIN LATERAL (SELECT * FROM shift_closings s WHERE s.outlet_id = w.outlet_id OFFSET 0) c
    ) c USING (outlet_id, shift_id, till_id)
    FULL JOIN documents d USING (outlet_id, shift_id, till_id)
)
SELECT
    j.*, w.first AS period_first, coalesce(money.methods, '{}') AS methods,
    coalesce(money.cash, 0) AS cash_paid, j.cash_opened + j.cash_moved + coalesce(money.cash, 0) AS cash_expected,
    j.cash_counted - (j.cash_opened + j.cash_moved + coalesce(money.cash, 0)) AS difference,
    coalesce(j.closed_at, %(now)s::timestamptz) - j.opened_at > interval '24 hours' AS long,
    j.totals_sales <> j.sales_sum OR j.totals_returns <> j.returns_sum OR j.totals_receipts <> j.sales
        OR EXISTS (
            SELECT
            FROM jsonb_array_elements(j.totals_methods) t
            WHERE (t ->> 'amount')::numeric <> coalesce((money.methods ->> (t ->> 'method'))::numeric, 0)
        ) AS unlike
FROM joined j
JOIN unnest(%(outlets)s::uuid[], %(firsts)s::date[], %(lasts)s::date[], %(begins)s::date[])
    AS w (outlet_id, first, last, begin) ON w.outlet_id = j.outlet_id AND j.day BETWEEN w.begin AND w.last
LEFT JOIN payments money
    ON money.outlet_id = j.outlet_id AND money.shift_id = j.shift_id AND money.till_id = j.till_id;

-- name: rows over shifts
-- The shifts of a period, or one of them: a list (webapp/lists), whose last columns are there to be sorted by.
SELECT
    s.outlet_id, s.shift_id, s.till_id, coalesce(t.name, '') AS till, s.number, s.opened_at, s.closed_at, s.cashier, s.day,
    s.first, s.last, s.sales, s.sales_sum, s.revenue, s.returns, s.returns_sum, s.cash_opened, s.cash_paid, s.cash_moved,
    s.cash_expected, s.cash_counted, s.totals_sales, s.totals_returns, s.totals_receipts, s.totals_methods, s.methods,
    coalesce(s.long, false) AS long, s.difference, coalesce(nullif(s.number, ''), s.shift_id) AS title,
    coalesce(s.opened_at, s.closed_at, s.day::timestamp AT TIME ZONE 'UTC') AS began,
    CASE
        WHEN s.unlike THEN '0'
        WHEN coalesce(s.totals_sales, s.totals_returns, s.totals_receipts) IS NOT NULL OR s.totals_methods <> '[]' THEN '1'
    END AS agrees
FROM shifts s
LEFT JOIN app.tills t ON t.till_id = s.till_id
WHERE s.day >= s.period_first
    AND (%(shift)s::text IS NULL OR (s.shift_id = %(shift)s::text AND s.till_id = %(till)s::uuid))
    AND CASE %(only)s::text
        WHEN 'difference' THEN s.difference <> 0
        WHEN 'report' THEN s.unlike
        WHEN 'long' THEN s.long
        ELSE true
    END;

-- name: sums over shifts
-- What the shifts of each outlet come to, in the period and in as many days before.
SELECT
    s.outlet_id,
    count(*) FILTER (WHERE s.day >= s.period_first)::integer AS shifts,
    coalesce(sum(s.sales) FILTER (WHERE s.day >= s.period_first), 0)::integer AS sales,
    coalesce(sum(s.revenue) FILTER (WHERE s.day >= s.period_first), 0) AS revenue,
    coalesce(-sum(s.difference) FILTER (WHERE s.day >= s.period_first AND s.difference < 0), 0) AS missing,
    coalesce(sum(s.difference) FILTER (WHERE s.day >= s.period_first AND s.difference > 0), 0) AS over,
    count(*) FILTER (WHERE s.day >= s.period_first AND s.difference <> 0)::integer AS differing,
    count(*) FILTER (WHERE s.day >= s.period_first AND s.unlike)::integer AS unlike,
    count(*) FILTER (WHERE s.day >= s.period_first AND s.long)::integer AS long,
    count(*) FILTER (WHERE s.day < s.period_first)::integer AS shifts_before,
    coalesce(sum(s.sales) FILTER (WHERE s.day < s.period_first), 0)::integer AS sales_before,
    coalesce(sum(s.revenue) FILTER (WHERE s.day < s.period_first), 0) AS before,
    coalesce(-sum(s.difference) FILTER (WHERE s.day < s.period_first AND s.difference < 0), 0) AS missing_before
FROM shifts s
GROUP BY s.outlet_id
HAVING bool_or(s.day >= s.period_first);

-- name: open
-- Shifts that have been open for more than 24 hours, whenever they were opened.
SELECT count(*)::integer
FROM unnest(%(outlets)s::uuid[]) AS w (outlet_id)
CROSS JOIN LATERAL (
    SELECT *
    FROM shift_openings o
    WHERE o.outlet_id = w.outlet_id AND o.at < %(now)s::timestamptz - interval '24 hours'
        AND NOT EXISTS (
            SELECT
            FROM shift_closings c
            WHERE c.outlet_id = o.outlet_id AND c.shift_id = o.shift_id AND c.till_id = o.till_id
        )
    OFFSET 0
) o;

-- name: receipts
-- The receipts of a shift, the latest first.
SELECT d.*
FROM (
    SELECT
        'sale' AS kind, s.sale_id AS id, s.sale_id, s.till_id, s.number, s.at, s.total, s.void IS NOT NULL AS voided
    FROM sales_listed s
    WHERE s.outlet_id = %(outlet)s AND s.shift_id = %(shift)s AND s.till_id = %(till)s AND NOT s.fiscal_copy
        AND s.at >= (%(first)s::date - 1)::timestamp AT TIME ZONE 'UTC'
        AND s.at < (%(last)s::date + 2)::timestamp AT TIME ZONE 'UTC'
    UNION ALL
    SELECT 'return', r.return_id, r.sale_id, r.till_id, coalesce(r.number, r.return_id), r.at, -r.amount, r.void IS NOT NULL
    FROM returns_listed r
    WHERE r.outlet_id = %(outlet)s AND r.shift_id = %(shift)s AND r.till_id = %(till)s AND NOT r.fiscal_copy
        AND r.at >= (%(first)s::date - 1)::timestamp AT TIME ZONE 'UTC'
        AND r.at < (%(last)s::date + 2)::timestamp AT TIME ZONE 'UTC'
) d
ORDER BY d.at DESC, d.kind DESC, d.id DESC
LIMIT %(limit)s;

-- name: cash_moves
-- Cash that came into the drawer of a shift or left it otherwise than by a receipt, in the order of time.
SELECT m.at, m.reason, m.amount, coalesce(m.note, '') AS note
FROM cash_moves m
WHERE m.outlet_id = %(outlet)s AND m.shift_id = %(shift)s AND m.till_id = %(till)s
    AND m.at >= (%(first)s::date - 1)::timestamp AT TIME ZONE 'UTC'
    AND m.at < (%(last)s::date + 2)::timestamp AT TIME ZONE 'UTC'
ORDER BY m.at, m.cash_id
LIMIT %(limit)s;
