-- When an upload arrived (the append time of its record), kept with the documents it brought. Rows of generations that
-- were there before have none until a rebuild.
CREATE FUNCTION app.keep_arrival(of_schema name) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %I.sales ADD COLUMN log_time timestamptz', of_schema);
    EXECUTE format('ALTER TABLE %I.returns ADD COLUMN log_time timestamptz', of_schema);
END
$$;
SELECT app.keep_arrival(schema_name) FROM app.generations ORDER BY number;
DROP FUNCTION app.keep_arrival(name);

-- As before, and: when the upload arrived, how many receipts of the day it brought or changed, and by how much it
-- changed the day's revenue.
DROP FUNCTION app.later_changes(integer, uuid, date);
CREATE FUNCTION app.later_changes(named integer, of_outlet uuid, of_day date) RETURNS TABLE (
    log_offset bigint, till_id uuid, run uuid, first_seq bigint, last_seq bigint,
    sales bigint, returns bigint, revenue_then numeric, revenue_now numeric,
    received_at timestamptz, events bigint, changed_by numeric
) LANGUAGE plpgsql STABLE AS $$
DECLARE
    now_schema name := (SELECT g.schema_name FROM app.generations g WHERE g.state = 'live');
BEGIN
    RETURN QUERY EXECUTE format(
        'SELECT r.log_offset, r.till_id, r.run, min(r.seq), max(r.seq), count(s.sale_id), count(b.return_id),'
        ' coalesce(sum(r.was), 0), coalesce(sum(r.becomes), 0), min(coalesce(s.log_time, b.log_time)), count(*),'
        ' coalesce(sum(r.becomes), 0) - coalesce(sum(r.was), 0)'
        ' FROM app.later_receipts($1, $2, $3) r'
        ' LEFT JOIN %1$I.sales s ON r.kind = ''sale'' AND s.outlet_id = $2 AND s.sale_id = r.id'
        '  AND s.till_id = r.till_id'
        ' LEFT JOIN %1$I.returns b ON r.kind = ''return'' AND b.outlet_id = $2 AND b.return_id = r.id'
        '  AND b.till_id = r.till_id'
        ' GROUP BY r.log_offset, r.till_id, r.run ORDER BY r.log_offset, r.till_id, r.run',
        now_schema) USING named, of_outlet, of_day;
END
$$;
