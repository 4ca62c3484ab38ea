-- Kept reports as their owners see them. Every function runs with the caller's rights, so row-level security holds.

-- The kept reports that hold anything of the account that is bound: others are none of its business.
CREATE FUNCTION app.kept_reports() RETURNS TABLE (number integer, name text, until timestamptz) LANGUAGE plpgsql STABLE AS $$
DECLARE
    kept app.generations;
    holds boolean;
BEGIN
    FOR kept IN SELECT * FROM app.generations g WHERE g.state = 'named' ORDER BY g.until DESC, g.number DESC LOOP
        EXECUTE format(
            'SELECT EXISTS (SELECT FROM %I.outlet_totals WHERE outlet_id IN (SELECT outlet_id FROM app.outlets))',
            kept.schema_name) INTO holds;
        IF holds THEN
            RETURN QUERY SELECT kept.number, kept.name, kept.until;
        END IF;
    END LOOP;
END
$$;

-- Days whose figures are not what a kept report says they were: within each outlet's days `firsts`..`lasts`.
CREATE FUNCTION app.later_days(named integer, of_outlets uuid[], firsts date[], lasts date[]) RETURNS TABLE (
    outlet_id uuid, day date, sales_then integer, sales_now integer, revenue_then numeric, revenue_now numeric
) LANGUAGE plpgsql STABLE AS $$
DECLARE
    then_schema name := (SELECT g.schema_name FROM app.generations g WHERE g.number = named);
    now_schema name := (SELECT g.schema_name FROM app.generations g WHERE g.state = 'live');
BEGIN
    RETURN QUERY EXECUTE format(
        'WITH w AS (SELECT * FROM unnest($1, $2, $3) AS w (outlet_id, first, last)),'
        ' n AS (SELECT d.* FROM w JOIN %1$I.daily d ON d.outlet_id = w.outlet_id AND d.day BETWEEN w.first AND w.last),'
        ' t AS (SELECT d.* FROM w JOIN %2$I.daily d ON d.outlet_id = w.outlet_id AND d.day BETWEEN w.first AND w.last)'
        ' SELECT outlet_id, day, coalesce(t.sales, 0), coalesce(n.sales, 0), coalesce(t.revenue, 0),'
        '  coalesce(n.revenue, 0)'
        ' FROM n FULL JOIN t USING (outlet_id, day)'
        ' WHERE (coalesce(n.sales, 0), coalesce(n.returns, 0), coalesce(n.goods_sum, 0), coalesce(n.discount_sum, 0),'
        '  coalesce(n.returns_sum, 0)) <> (coalesce(t.sales, 0), coalesce(t.returns, 0), coalesce(t.goods_sum, 0),'
        '  coalesce(t.discount_sum, 0), coalesce(t.returns_sum, 0))'
        ' ORDER BY day DESC, outlet_id',
        now_schema, then_schema) USING of_outlets, firsts, lasts;
END
$$;

-- The receipts of a day that came, or came anew, after a kept report was closed: what each added to the day's revenue
-- then (NULL: it was not there, or on another day) and adds now. The bounds on `at` repeat those on the day in a form
-- that an index serves, so what is read does not grow with the outlet's history.
CREATE FUNCTION app.later_receipts(named integer, of_outlet uuid, of_day date) RETURNS TABLE (
    log_offset bigint, till_id uuid, run uuid, seq bigint, kind text, id text, sale_id text, number text,
    at timestamptz, was numeric, becomes numeric
) LANGUAGE plpgsql STABLE AS $$
DECLARE
    then_schema name := (SELECT g.schema_name FROM app.generations g WHERE g.number = named);
    now_schema name := (SELECT g.schema_name FROM app.generations g WHERE g.state = 'live');
BEGIN
    RETURN QUERY EXECUTE format(
        'WITH touched_sales AS ('
        '  SELECT s.sale_id, s.till_id FROM %1$I.sales s WHERE s.outlet_id = $1 AND s.day = $2'
        '   AND s.at >= $3 AND s.at < $4'
        '  UNION SELECT s.sale_id, s.till_id FROM %2$I.sales s WHERE s.outlet_id = $1 AND s.day = $2'
        '   AND s.at >= $3 AND s.at < $4),'
        ' touched_returns AS ('
        '  SELECT r.return_id, r.till_id FROM %1$I.returns r WHERE r.outlet_id = $1 AND r.day = $2'
        '   AND r.at >= $3 AND r.at < $4'
        '  UNION SELECT r.return_id, r.till_id FROM %2$I.returns r WHERE r.outlet_id = $1 AND r.day = $2'
        '   AND r.at >= $3 AND r.at < $4)'
        ' SELECT d.* FROM ('
        '  SELECT n.log_offset, n.till_id, n.run, n.seq, ''sale'' AS kind, n.sale_id AS id, n.sale_id, n.number, n.at,'
        '   CASE WHEN t.day = $2 THEN t.total END, CASE WHEN n.day = $2 THEN n.total END'
        '  FROM touched_sales k'
        '  CROSS JOIN LATERAL (SELECT * FROM %1$I.sales s WHERE s.outlet_id = $1 AND s.sale_id = k.sale_id'
        '   AND s.till_id = k.till_id OFFSET 0) n'
        '  LEFT JOIN LATERAL (SELECT * FROM %2$I.sales s WHERE s.outlet_id = $1 AND s.sale_id = k.sale_id'
        '   AND s.till_id = k.till_id OFFSET 0) t ON true'
        '  WHERE n.log_offset IS DISTINCT FROM t.log_offset'
        '  UNION ALL'
        '  SELECT n.log_offset, n.till_id, n.run, n.seq, ''return'', n.return_id, n.sale_id, n.return_id, n.at,'
        '   CASE WHEN t.day = $2 THEN -t.amount END, CASE WHEN n.day = $2 THEN -n.amount END'
        '  FROM touched_returns k'
        '  CROSS JOIN LATERAL (SELECT * FROM %1$I.returns r WHERE r.outlet_id = $1 AND r.return_id = k.return_id'
        '   AND r.till_id = k.till_id OFFSET 0) n'
        '  LEFT JOIN LATERAL (SELECT * FROM %2$I.returns r WHERE r.outlet_id = $1 AND r.return_id = k.return_id'
        '   AND r.till_id = k.till_id OFFSET 0) t ON true'
        '  WHERE n.log_offset IS DISTINCT FROM t.log_offset'
        ' ) d ORDER BY d.log_offset, d.till_id, d.run, d.seq',
        now_schema, then_schema)
    USING of_outlet, of_day, (of_day - 1)::timestamp AT TIME ZONE 'UTC', (of_day + 2)::timestamp AT TIME ZONE 'UTC';
END
$$;

-- The same by upload (a record of the log), as 0013 gave it.
CREATE OR REPLACE FUNCTION app.later_changes(named integer, of_outlet uuid, of_day date) RETURNS TABLE (
    log_offset bigint, till_id uuid, run uuid, first_seq bigint, last_seq bigint,
    sales bigint, returns bigint, revenue_then numeric, revenue_now numeric
) LANGUAGE sql STABLE AS $$
    SELECT
        r.log_offset, r.till_id, r.run, min(r.seq), max(r.seq), count(*) FILTER (WHERE r.kind = 'sale'),
        count(*) FILTER (WHERE r.kind = 'return'), coalesce(sum(r.was), 0), coalesce(sum(r.becomes), 0)
    FROM app.later_receipts(named, of_outlet, of_day) r
    GROUP BY r.log_offset, r.till_id, r.run
    ORDER BY r.log_offset, r.till_id, r.run
$$;
