-- Sales: the receipts, one row each.

-- name: create
-- The table in a new generation, with the indexes that pages read by; that of wrong clocks is for late counts.
CREATE TABLE sales (
    outlet_id uuid NOT NULL,
    sale_id text NOT NULL,
    till_id uuid NOT NULL,
    number text NOT NULL,
    at timestamptz NOT NULL,
    day date NOT NULL,
    hour smallint NOT NULL,
    positions integer NOT NULL,
    goods_sum numeric NOT NULL,
    discount_sum numeric NOT NULL,
    rounding numeric NOT NULL,
    total numeric NOT NULL,  -- goods_sum - discount_sum + rounding + tax on top
    revenue numeric NOT NULL,  -- the total without the three that follow
    advances_sum numeric NOT NULL,
    tips_sum numeric NOT NULL,
    debts_sum numeric NOT NULL,
    tax_sum numeric NOT NULL,
    cost_sum numeric NOT NULL,  -- of the lines whose cost is known
    cost_known_sum numeric NOT NULL,  -- the revenue of those lines
    change numeric NOT NULL,
    difference numeric NOT NULL,  -- payments - change - total; 0 where the receipt adds up
    contact_id text,
    cashier text,
    cashier_id text,
    shift_id text,
    fiscal_fn text,
    fiscal_fd text,
    fiscal_fp text,
    tax_system text,
    correction boolean NOT NULL,
    lines jsonb NOT NULL,
    payments jsonb NOT NULL,
    run uuid NOT NULL,
    seq bigint NOT NULL,
    log_offset bigint NOT NULL,
    log_time timestamptz,  -- append time of that record; NULL where folded by a version that did not keep it
    received_at timestamptz NOT NULL,  -- when the record came in that first brought the document
    applied_no bigint NOT NULL,
    void jsonb,  -- when and why it was voided; NULL where it stands
    imported boolean NOT NULL DEFAULT false,  -- the till is an importer's
    fiscal_copy boolean NOT NULL DEFAULT false,  -- another document of its fiscal numbers stands for it
    PRIMARY KEY (outlet_id, sale_id, till_id)
);
CREATE INDEX sales_of_contact ON sales (outlet_id, contact_id, at) INCLUDE (day)
    WHERE contact_id IS NOT NULL AND void IS NULL AND NOT fiscal_copy;
CREATE INDEX sales_by_time ON sales (outlet_id, at DESC, sale_id DESC, till_id DESC);
CREATE INDEX sales_of_fiscal ON sales (outlet_id, fiscal_fn, fiscal_fd) WHERE fiscal_fd IS NOT NULL;
CREATE INDEX sales_off ON sales (outlet_id, day) WHERE difference <> 0;
CREATE INDEX sales_of_wrong_clocks ON sales (outlet_id, received_at)
    WHERE at > received_at OR at < timestamptz '2000-01-01 00:00:00+00';
-- What pages read, also of generations that know no voids: what stands is in the figures; listed are also what was
-- voided and copies, but for the places kept of documents that did not come.
CREATE VIEW sales_standing WITH (security_invoker) AS SELECT * FROM sales WHERE void IS NULL AND NOT fiscal_copy;
CREATE VIEW sales_listed WITH (security_invoker) AS SELECT * FROM sales WHERE void IS NULL OR NOT void ? 'unseen';
GRANT SELECT ON sales_standing, sales_listed TO weboffice_portal;

-- name: load
-- For the store: the rows of these keys, given as one JSON array, as far as there are any.
SELECT coalesce(json_agg(t), '[]')::text
FROM json_to_recordset(%(keys)s::json) AS k (outlet_id uuid, sale_id text, till_id uuid)
CROSS JOIN LATERAL (
    SELECT * FROM sales t
    WHERE (t.outlet_id, t.sale_id, t.till_id) = (k.outlet_id, k.sale_id, k.till_id)
    OFFSET 0
) t;

-- name: of_id
-- For the store: the sales of these ids, of whatever till, for returns that take costs over from them.
SELECT coalesce(json_agg(t), '[]')::text
FROM json_to_recordset(%(keys)s::json) AS k (outlet_id uuid, sale_id text)
CROSS JOIN LATERAL (SELECT * FROM sales t WHERE (t.outlet_id, t.sale_id) = (k.outlet_id, k.sale_id) OFFSET 0) t;

-- name: of_fiscal
-- For the store: the sales of these fiscal numbers, of whatever till.
SELECT coalesce(json_agg(t), '[]')::text
FROM json_to_recordset(%(keys)s::json) AS k (outlet_id uuid, fiscal_fn text, fiscal_fd text)
CROSS JOIN LATERAL (
    SELECT * FROM sales t
    WHERE (t.outlet_id, t.fiscal_fn, t.fiscal_fd) = (k.outlet_id, k.fiscal_fn, k.fiscal_fd) AND t.fiscal_fd IS NOT NULL
    OFFSET 0
) t;

-- name: write
-- For the store: rows as they are now, given as one JSON array; they may be there already.
INSERT INTO sales (
    outlet_id, sale_id, till_id, number, at, day, hour, positions, goods_sum, discount_sum, rounding, total, revenue,
    advances_sum, tips_sum, debts_sum, tax_sum, cost_sum, cost_known_sum, change, difference, contact_id, cashier,
    cashier_id, shift_id, fiscal_fn, fiscal_fd, fiscal_fp, tax_system, correction, lines, payments, run, seq, log_offset,
    log_time, received_at, applied_no, void, imported, fiscal_copy
)
SELECT
    outlet_id, sale_id, till_id, number, at, day, hour, positions, goods_sum, discount_sum, rounding, total, revenue,
    advances_sum, tips_sum, debts_sum, tax_sum, cost_sum, cost_known_sum, change, difference, contact_id, cashier,
    cashier_id, shift_id, fiscal_fn, fiscal_fd, fiscal_fp, tax_system, correction, lines, payments, run, seq, log_offset,
    log_time, received_at, applied_no, void, imported, fiscal_copy
FROM json_populate_recordset(NULL::sales, %(rows)s::json)
ON CONFLICT (outlet_id, sale_id, till_id) DO UPDATE SET
    number = excluded.number, at = excluded.at, day = excluded.day, hour = excluded.hour,
    positions = excluded.positions, goods_sum = excluded.goods_sum, discount_sum = excluded.discount_sum,
    rounding = excluded.rounding, total = excluded.total, revenue = excluded.revenue,
    advances_sum = excluded.advances_sum, tips_sum = excluded.tips_sum, debts_sum = excluded.debts_sum,
    tax_sum = excluded.tax_sum, cost_sum = excluded.cost_sum, cost_known_sum = excluded.cost_known_sum,
    change = excluded.change, difference = excluded.difference, contact_id = excluded.contact_id,
    cashier = excluded.cashier, cashier_id = excluded.cashier_id, shift_id = excluded.shift_id,
    fiscal_fn = excluded.fiscal_fn, fiscal_fd = excluded.fiscal_fd, fiscal_fp = excluded.fiscal_fp,
    tax_system = excluded.tax_system, correction = excluded.correction, lines = excluded.lines,
    payments = excluded.payments, run = excluded.run, seq = excluded.seq, log_offset = excluded.log_offset,
    log_time = excluded.log_time, received_at = excluded.received_at, applied_no = excluded.applied_no,
    void = excluded.void, imported = excluded.imported, fiscal_copy = excluded.fiscal_copy;

-- name: copy
-- For a bulk replay: new rows, certainly not there, in COPY's text format.
COPY sales (
    outlet_id, sale_id, till_id, number, at, day, hour, positions, goods_sum, discount_sum, rounding, total, revenue,
    advances_sum, tips_sum, debts_sum, tax_sum, cost_sum, cost_known_sum, change, difference, contact_id, cashier,
    cashier_id, shift_id, fiscal_fn, fiscal_fd, fiscal_fp, tax_system, correction, lines, payments, run, seq, log_offset,
    log_time, received_at, applied_no, void, imported, fiscal_copy
) FROM STDIN;

-- name: remove
-- For the removal of an outlet.
DELETE FROM sales WHERE outlet_id = %(outlet)s;
