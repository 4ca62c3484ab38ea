-- For analysts: the schema `report`, views of the same names and columns whichever generation is live (docs/analysts.md), read by
-- login roles of their own. A login sees what its row in app.analysts says: its views ask for that by the name that it
-- logged in with, which nothing that it can set changes.
CREATE SCHEMA report;

CREATE TABLE app.analysts (
    role name PRIMARY KEY,
    account_id uuid REFERENCES app.accounts,  -- NULL: all accounts
    sees_costs boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE FUNCTION report.outlets_seen() RETURNS uuid[] LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(array_agg(o.outlet_id), '{}')
    FROM app.analysts a JOIN app.outlets o ON a.account_id IS NULL OR o.account_id = a.account_id
    WHERE a.role = session_user AND o.removed_at IS NULL
$$;
CREATE FUNCTION report.costs_seen() RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce((SELECT a.sees_costs FROM app.analysts a WHERE a.role = session_user), false)
$$;

CREATE VIEW report.outlets WITH (security_barrier) AS
SELECT outlet_id, account_id, name, zone, currency, test FROM app.outlets
WHERE outlet_id = ANY ((SELECT report.outlets_seen())::uuid[]);

-- What each of the other views shows of a read model. A generation that lacks a column, or the read model, has NULL there, or no rows.
CREATE TABLE app.report_columns (
    view text NOT NULL,
    relation text NOT NULL,
    position integer NOT NULL,
    name text NOT NULL,
    type text NOT NULL,
    cost boolean NOT NULL DEFAULT false,  -- shown to who may see costs
    PRIMARY KEY (view, position)
);
INSERT INTO app.report_columns (view, relation, position, name, type, cost)
SELECT view, relation, position, split_part(described, ' ', 1), split_part(described, ' ', 2), described LIKE '% cost'
FROM (VALUES
    ('daily', 'daily', 'outlet_id uuid, day date, sales integer, returns integer, voided integer, revenue numeric,'
        ' goods_sum numeric, discount_sum numeric, returns_sum numeric, tax_sum numeric, advances_sum numeric,'
        ' tips_sum numeric, debts_sum numeric, cost_sum numeric cost, cost_known_sum numeric cost'),
    ('hourly', 'hourly', 'outlet_id uuid, day date, hour integer, sales integer, revenue numeric'),
    ('payments', 'payments', 'outlet_id uuid, day date, method text, amount numeric, count integer, refunds numeric'),
    ('taxes', 'taxes', 'outlet_id uuid, day date, rate text, base_sum numeric, tax_sum numeric'),
    ('sold', 'sold', 'outlet_id uuid, day date, good_id text, quantity numeric, revenue numeric, returned_quantity numeric,'
        ' returned_sum numeric, cost_sum numeric cost, cost_known_sum numeric cost'),
    ('goods', 'goods', 'outlet_id uuid, good_id text, name text, category text, article text, unit text, barcode text,'
        ' max_price numeric, cost numeric cost, min_stock numeric, removed boolean'),
    ('stock', 'stock', 'outlet_id uuid, good_id text, warehouse_id text, quantity numeric'),
    ('sales', 'sales', 'outlet_id uuid, till_id uuid, sale_id text, number text, at timestamptz, day date,'
        ' hour integer, positions integer, goods_sum numeric, discount_sum numeric, rounding numeric, total numeric,'
        ' revenue numeric, tax_sum numeric, cost_sum numeric cost, cost_known_sum numeric cost, cashier_id text,'
        ' cashier text, shift_id text, contact_id text, correction boolean'),
    ('returns', 'returns', 'outlet_id uuid, till_id uuid, return_id text, sale_id text, number text,'
        ' at timestamptz, day date, hour integer, amount numeric, revenue numeric, tax_sum numeric, cost_sum numeric cost,'
        ' cost_known_sum numeric cost, cashier_id text, cashier text, shift_id text')
) AS views (view, relation, columns)
CROSS JOIN LATERAL string_to_table(columns, ', ') WITH ORDINALITY AS listed (described, position);

-- Lets the views show the read models of a schema, in the caller's transaction. Who reads them at that moment is waited for
-- half a second, then his connection is ended: a switch stops applying, and must not wait for a query of hours.
CREATE FUNCTION app.point_reports(of_schema name) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    statements text[];
    statement text;
    waited text := current_setting('lock_timeout');
BEGIN
    SELECT array_agg(format(
        'CREATE OR REPLACE VIEW report.%I WITH (security_barrier) AS SELECT %s FROM %s', shown.view, shown.columns,
        CASE WHEN to_regclass(format('%I.%I', of_schema, shown.relation)) IS NULL THEN '(SELECT) t WHERE false'
            ELSE format('%I.%I t WHERE t.outlet_id = ANY ((SELECT report.outlets_seen())::uuid[])%s', of_schema, shown.relation, (
                -- Documents that count: neither voided nor the copy of another one.
                SELECT string_agg(CASE a.attname WHEN 'void' THEN ' AND t.void IS NULL' ELSE ' AND NOT t.fiscal_copy' END, '')
                FROM pg_attribute a
                WHERE a.attrelid = to_regclass(format('%I.%I', of_schema, shown.relation))
                    AND a.attname IN ('void', 'fiscal_copy') AND NOT a.attisdropped))
        END) ORDER BY shown.view)
    INTO statements
    FROM (
        SELECT c.view, c.relation, string_agg(CASE
            WHEN a.attname IS NULL THEN format('NULL::%s AS %I', c.type, c.name)
            WHEN c.cost THEN format('CASE WHEN (SELECT report.costs_seen()) THEN t.%1$I END::%2$s AS %1$I', c.name, c.type)
            ELSE format('t.%1$I::%2$s AS %1$I', c.name, c.type)
        END, ', ' ORDER BY c.position) AS columns
        FROM app.report_columns c LEFT JOIN pg_attribute a
            ON a.attrelid = to_regclass(format('%I.%I', of_schema, c.relation)) AND a.attname = c.name AND NOT a.attisdropped
        GROUP BY c.view, c.relation
    ) shown;
    FOR attempt IN 1..10 LOOP
        BEGIN
            PERFORM set_config('lock_timeout', '500', true);
            FOREACH statement IN ARRAY statements LOOP
                EXECUTE statement;
            END LOOP;
            PERFORM set_config('lock_timeout', waited, true);
            RETURN;
        EXCEPTION WHEN lock_not_available THEN
            PERFORM pg_terminate_backend(s.pid) FROM pg_stat_activity s JOIN app.analysts a ON s.usename = a.role
            WHERE s.datname = current_database() AND EXISTS (
                SELECT FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
                WHERE l.pid = s.pid AND c.relnamespace = 'report'::regnamespace);
        END;
    END LOOP;
    RAISE EXCEPTION 'the views of the schema report are held by somebody' USING ERRCODE = 'lock_not_available';
END
$$;

DO $$
BEGIN
    PERFORM app.point_reports(schema_name) FROM app.generations WHERE state = 'live';
END
$$;
