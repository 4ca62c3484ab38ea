-- Receipts and returns may be voided: pages read what stands, or what is listed, from views that every generation has. Those
-- that were made before know no voids. Their tables stay as they are, and so do their certificates.
DO $$
DECLARE
    generation name;
    relation name;
BEGIN
    FOR generation IN SELECT schema_name FROM app.generations ORDER BY number LOOP
        FOREACH relation IN ARRAY ARRAY['sales', 'returns'] LOOP
            EXECUTE format('CREATE VIEW %1$I.%2$I WITH (security_invoker) AS SELECT * FROM %1$I.%3$I',
                generation, relation || '_standing', relation);
            EXECUTE format('CREATE VIEW %1$I.%2$I WITH (security_invoker) AS SELECT *, NULL::jsonb AS void FROM %1$I.%3$I',
                generation, relation || '_listed', relation);
            EXECUTE format('GRANT SELECT ON %1$I.%2$I, %1$I.%3$I TO weboffice_portal',
                generation, relation || '_standing', relation || '_listed');
        END LOOP;
    END LOOP;
END
$$;

-- As 0020 gave it; a receipt that was voided since counts as nothing now.
-- The receipts of a day that came, or came anew, after a kept report was closed: what each added to the day's revenue
-- then (NULL: it was not there, or on another day) and adds now. The bounds on `at` repeat those on the day in a form
-- that an index serves, so what is read does not grow with the outlet's history. `received_at` is the append time of the
-- upload's record.
CREATE OR REPLACE FUNCTION app.later_receipts(named integer, of_outlet uuid, of_day date) RETURNS TABLE (
    log_offset bigint, till_id uuid, run uuid, seq bigint, kind text, id text, sale_id text, number text,
    at timestamptz, was numeric, becomes numeric, received_at timestamptz
) LANGUAGE plpgsql STABLE AS $$
DECLARE
    then_schema name := (SELECT g.schema_name FROM app.generations g WHERE g.number = named);
    now_schema name := (SELECT g.schema_name FROM app.generations g WHERE g.state = 'live');
BEGIN
    RETURN QUERY EXECUTE format(
        'WITH touched_sales AS ('
        '  SELECT s.sale_id, s.till_id FROM %1$I.sales_listed s WHERE s.outlet_id = $1 AND s.day = $2'
        '   AND s.at >= $3 AND s.at < $4'
        '  UNION SELECT s.sale_id, s.till_id FROM %2$I.sales_listed s WHERE s.outlet_id = $1 AND s.day = $2'
        '   AND s.at >= $3 AND s.at < $4),'
        ' touched_returns AS ('
        '  SELECT r.return_id, r.till_id FROM %1$I.returns_listed r WHERE r.outlet_id = $1 AND r.day = $2'
        '   AND r.at >= $3 AND r.at < $4'
        '  UNION SELECT r.return_id, r.till_id FROM %2$I.returns_listed r WHERE r.outlet_id = $1 AND r.day = $2'
        '   AND r.at >= $3 AND r.at < $4)'
        ' SELECT d.* FROM ('
        '  SELECT n.log_offset, n.till_id, n.run, n.seq, ''sale'' AS kind, n.sale_id AS id, n.sale_id, n.number, n.at,'
        '   CASE WHEN t.day = $2 AND t.void IS NULL THEN t.total END, CASE WHEN n.day = $2 AND n.void IS NULL THEN n.total END, n.log_time'
        '  FROM touched_sales k'
        '  CROSS JOIN LATERAL (SELECT * FROM %1$I.sales_listed s WHERE s.outlet_id = $1 AND s.sale_id = k.sale_id'
        '   AND s.till_id = k.till_id OFFSET 0) n'
        '  LEFT JOIN LATERAL (SELECT * FROM %2$I.sales_listed s WHERE s.outlet_id = $1 AND s.sale_id = k.sale_id'
        '   AND s.till_id = k.till_id OFFSET 0) t ON true'
        '  WHERE n.log_offset IS DISTINCT FROM t.log_offset OR (n.void IS NULL) <> (t.void IS NULL)'
        '  UNION ALL'
        '  SELECT n.log_offset, n.till_id, n.run, n.seq, ''return'', n.return_id, n.sale_id, n.return_id, n.at,'
        '   CASE WHEN t.day = $2 AND t.void IS NULL THEN -t.amount END, CASE WHEN n.day = $2 AND n.void IS NULL THEN -n.amount END, n.log_time'
        '  FROM touched_returns k'
        '  CROSS JOIN LATERAL (SELECT * FROM %1$I.returns_listed r WHERE r.outlet_id = $1 AND r.return_id = k.return_id'
        '   AND r.till_id = k.till_id OFFSET 0) n'
        '  LEFT JOIN LATERAL (SELECT * FROM %2$I.returns_listed r WHERE r.outlet_id = $1 AND r.return_id = k.return_id'
        '   AND r.till_id = k.till_id OFFSET 0) t ON true'
        '  WHERE n.log_offset IS DISTINCT FROM t.log_offset OR (n.void IS NULL) <> (t.void IS NULL)'
        ' ) d ORDER BY d.log_offset, d.till_id, d.run, d.seq',
        now_schema, then_schema)
    USING of_outlet, of_day, (of_day - 1)::timestamp AT TIME ZONE 'UTC', (of_day + 2)::timestamp AT TIME ZONE 'UTC';
END
$$;
