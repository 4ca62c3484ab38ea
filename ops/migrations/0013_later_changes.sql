-- What did the report of a day say then, and which uploads changed it since? One row per upload (a record of the log)
-- that came after the named generation was closed and touched the day: revenue of its documents on the day, as they
-- stood then and as they stand now. Runs with the caller's rights, so row-level security holds.
CREATE FUNCTION app.later_changes(named integer, of_outlet uuid, of_day date) RETURNS TABLE (
    log_offset bigint, till_id uuid, run uuid, first_seq bigint, last_seq bigint,
    sales bigint, returns bigint, revenue_then numeric, revenue_now numeric
) LANGUAGE plpgsql STABLE AS $$
DECLARE
    then_schema name := (SELECT g.schema_name FROM app.generations g WHERE g.number = named);
    now_schema name := (SELECT g.schema_name FROM app.generations g WHERE g.state = 'live');
BEGIN
    RETURN QUERY EXECUTE format(
        'SELECT d.log_offset, d.till_id, d.run, min(d.seq), max(d.seq), count(*) FILTER (WHERE d.is_sale),'
        ' count(*) FILTER (WHERE NOT d.is_sale), sum(d.was), sum(d.becomes) FROM ('
        '  SELECT n.log_offset, n.till_id, n.run, n.seq, true AS is_sale,'
        '   CASE WHEN t.day = $2 THEN t.total ELSE 0 END AS was, CASE WHEN n.day = $2 THEN n.total ELSE 0 END AS becomes'
        '  FROM %1$I.sales n LEFT JOIN %2$I.sales t USING (outlet_id, sale_id, till_id)'
        '  WHERE n.outlet_id = $1 AND (n.day = $2 OR t.day = $2) AND n.log_offset IS DISTINCT FROM t.log_offset'
        '  UNION ALL'
        '  SELECT n.log_offset, n.till_id, n.run, n.seq, false,'
        '   CASE WHEN t.day = $2 THEN -t.amount ELSE 0 END, CASE WHEN n.day = $2 THEN -n.amount ELSE 0 END'
        '  FROM %1$I.returns n LEFT JOIN %2$I.returns t USING (outlet_id, return_id, till_id)'
        '  WHERE n.outlet_id = $1 AND (n.day = $2 OR t.day = $2) AND n.log_offset IS DISTINCT FROM t.log_offset'
        ' ) d GROUP BY d.log_offset, d.till_id, d.run ORDER BY d.log_offset, d.till_id, d.run',
        now_schema, then_schema) USING of_outlet, of_day;
END
$$;
