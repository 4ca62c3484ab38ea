-- Tills that an importer makes for itself are marked: what a till of the outlet's own sends stands before what they bring.
ALTER TABLE app.tills ADD COLUMN imported boolean NOT NULL DEFAULT false;

-- A receipt may be a copy of another one. Generations that were made before know no copies; their lists say so.
DO $$
DECLARE
    generation name;
    relation name;
BEGIN
    FOR generation IN SELECT schema_name FROM app.generations ORDER BY number LOOP
        FOREACH relation IN ARRAY ARRAY['sales', 'returns'] LOOP
            IF EXISTS (
                SELECT FROM information_schema.columns
                WHERE table_schema = generation AND table_name = relation AND column_name = 'void'
            ) THEN
                EXECUTE format('CREATE OR REPLACE VIEW %1$I.%2$I WITH (security_invoker) AS'
                    ' SELECT *, false AS fiscal_copy FROM %1$I.%3$I WHERE void IS NULL OR NOT void ? ''unseen''',
                    generation, relation || '_listed', relation);
            ELSE
                EXECUTE format('CREATE OR REPLACE VIEW %1$I.%2$I WITH (security_invoker) AS'
                    ' SELECT *, NULL::jsonb AS void, false AS fiscal_copy FROM %1$I.%3$I',
                    generation, relation || '_listed', relation);
            END IF;
        END LOOP;
    END LOOP;
END
$$;

-- As 0024 gave it; a receipt that is a copy counts as nothing.
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
        '   CASE WHEN t.day = $2 AND t.void IS NULL AND NOT t.fiscal_copy THEN t.total END, CASE WHEN n.day = $2 AND n.void IS NULL AND NOT n.fiscal_copy THEN n.total END, n.log_time'
        '  FROM touched_sales k'
        '  CROSS JOIN LATERAL (SELECT * FROM %1$I.sales_listed s WHERE s.outlet_id = $1 AND s.sale_id = k.sale_id'
        '   AND s.till_id = k.till_id OFFSET 0) n'
        '  LEFT JOIN LATERAL (SELECT * FROM %2$I.sales_listed s WHERE s.outlet_id = $1 AND s.sale_id = k.sale_id'
        '   AND s.till_id = k.till_id OFFSET 0) t ON true'
        '  WHERE n.log_offset IS DISTINCT FROM t.log_offset OR (n.void IS NULL) <> (t.void IS NULL) OR n.fiscal_copy <> t.fiscal_copy'
        '  UNION ALL'
        '  SELECT n.log_offset, n.till_id, n.run, n.seq, ''return'', n.return_id, n.sale_id, n.return_id, n.at,'
        '   CASE WHEN t.day = $2 AND t.void IS NULL AND NOT t.fiscal_copy THEN -t.amount END, CASE WHEN n.day = $2 AND n.void IS NULL AND NOT n.fiscal_copy THEN -n.amount END, n.log_time'
        '  FROM touched_returns k'
        '  CROSS JOIN LATERAL (SELECT * FROM %1$I.returns_listed r WHERE r.outlet_id = $1 AND r.return_id = k.return_id'
        '   AND r.till_id = k.till_id OFFSET 0) n'
        '  LEFT JOIN LATERAL (SELECT * FROM %2$I.returns_listed r WHERE r.outlet_id = $1 AND r.return_id = k.return_id'
        '   AND r.till_id = k.till_id OFFSET 0) t ON true'
        '  WHERE n.log_offset IS DISTINCT FROM t.log_offset OR (n.void IS NULL) <> (t.void IS NULL) OR n.fiscal_copy <> t.fiscal_copy'
        ' ) d ORDER BY d.log_offset, d.till_id, d.run, d.seq',
        now_schema, then_schema)
    USING of_outlet, of_day, (of_day - 1)::timestamp AT TIME ZONE 'UTC', (of_day + 2)::timestamp AT TIME ZONE 'UTC';
END
$$;
