-- name: account
-- The account of an address or an id.
SELECT account_id, email FROM app.accounts WHERE email = %(account)s OR account_id::text = %(account)s;

-- name: see_as_analyst
-- Lets the session see what an analyst of the account with costs sees, until the transaction is taken back.
INSERT INTO app.analysts (role, account_id, sees_costs, timeout_seconds) VALUES (session_user, %(account_id)s, true, 60);

-- name: views
-- The views of the schema `report` with their columns and the query of each. The queries are read, not the views: a
-- switch of generations replaces these, and must not wait for a long export.
SELECT c.relname::text, pg_get_viewdef(c.oid), array_agg(a.attname::text ORDER BY a.attnum),
    array_agg(format_type(a.atttypid, NULL) ORDER BY a.attnum)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = 'report'::regnamespace AND c.relkind = 'v'
GROUP BY c.oid ORDER BY c.relname;

-- name: contacts
-- Buyers as the tills sent them: «Фамилия И.О.»; the name is empty once it was forgotten.
SELECT outlet_id, contact_id, name, purchases_total, debt, points, removed FROM contacts
WHERE outlet_id = ANY (report.outlets_seen());

-- name: sale_lines
-- The lines of each receipt that counts, in their order on it.
SELECT s.outlet_id, s.till_id, s.sale_id, l.line::integer AS line, p.good_id, p.name, p.kind, p.unit, p.quantity, p.price,
    p.discount, p.sum, p.cost, p.warehouse_id, p.tax ->> 'rate' AS tax_rate, (p.tax ->> 'amount')::numeric AS tax_sum
FROM sales s CROSS JOIN LATERAL jsonb_array_elements(s.lines) WITH ORDINALITY l (content, line)
CROSS JOIN LATERAL jsonb_to_record(l.content) p (good_id text, name text, kind text, unit text, quantity numeric,
    price numeric, discount numeric, sum numeric, cost numeric, warehouse_id text, tax jsonb)
WHERE s.void IS NULL AND NOT s.fiscal_copy AND s.outlet_id = ANY (report.outlets_seen());

-- name: sale_payments
-- What each receipt that counts was paid with; change is a row of its own, below 0.
SELECT s.outlet_id, s.till_id, s.sale_id, p.content ->> 'method' AS method, (p.content ->> 'amount')::numeric AS amount
FROM sales s CROSS JOIN LATERAL jsonb_array_elements(s.payments) p (content)
WHERE s.void IS NULL AND NOT s.fiscal_copy AND s.outlet_id = ANY (report.outlets_seen())
UNION ALL
SELECT s.outlet_id, s.till_id, s.sale_id, 'change', -s.change FROM sales s
WHERE s.change <> 0 AND s.void IS NULL AND NOT s.fiscal_copy AND s.outlet_id = ANY (report.outlets_seen());

-- name: return_lines
-- The lines of each return that counts.
SELECT r.outlet_id, r.till_id, r.return_id, l.line::integer AS line, p.good_id, p.name, p.kind, p.quantity, p.amount, p.cost,
    p.warehouse_id, p.tax ->> 'rate' AS tax_rate, (p.tax ->> 'amount')::numeric AS tax_sum
FROM returns r CROSS JOIN LATERAL jsonb_array_elements(r.lines) WITH ORDINALITY l (content, line)
CROSS JOIN LATERAL jsonb_to_record(l.content) p (good_id text, name text, kind text, quantity numeric, amount numeric,
    cost numeric, warehouse_id text, tax jsonb)
WHERE r.void IS NULL AND NOT r.fiscal_copy AND r.outlet_id = ANY (report.outlets_seen());

-- name: return_refunds
-- What each return that counts was paid back with.
SELECT r.outlet_id, r.till_id, r.return_id, p.content ->> 'method' AS method, (p.content ->> 'amount')::numeric AS amount
FROM returns r CROSS JOIN LATERAL jsonb_array_elements(r.refunds) p (content)
WHERE r.void IS NULL AND NOT r.fiscal_copy AND r.outlet_id = ANY (report.outlets_seen());

-- name: moves
-- Movements of stock otherwise than by receipts.
SELECT outlet_id, till_id, move_id, good_id, warehouse_id, quantity, reason, at, day FROM moves
WHERE outlet_id = ANY (report.outlets_seen());

-- name: cash_moves
-- Movements of cash otherwise than by receipts.
SELECT outlet_id, till_id, cash_id, shift_id, amount, reason, note, at, day FROM cash_moves
WHERE outlet_id = ANY (report.outlets_seen());

-- name: warehouses
SELECT outlet_id, warehouse_id, name FROM warehouses WHERE outlet_id = ANY (report.outlets_seen());
