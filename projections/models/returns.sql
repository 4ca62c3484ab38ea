-- Returns, one row each.

-- name: create
-- The table in a new generation, with the indexes that pages read by; that of wrong clocks is for late counts.
CREATE TABLE returns (
    outlet_id uuid NOT NULL,
    return_id text NOT NULL,
    till_id uuid NOT NULL,
    sale_id text NOT NULL,  -- '' where it names none
    number text,
    at timestamptz NOT NULL,
    day date NOT NULL,
    hour smallint NOT NULL,
    amount numeric NOT NULL,
    revenue numeric NOT NULL,  -- the amount without the three that follow
    advances_sum numeric NOT NULL,
    tips_sum numeric NOT NULL,
    debts_sum numeric NOT NULL,
    tax_sum numeric NOT NULL,
    cost_sum numeric NOT NULL,  -- of the lines whose cost is known
    cost_known_sum numeric NOT NULL,  -- the revenue of those lines
    difference numeric NOT NULL,  -- refunds - amount
    cashier text,
    cashier_id text,
    shift_id text,
    fiscal_fn text,
    fiscal_fd text,
    fiscal_fp text,
    tax_system text,
    correction boolean NOT NULL,
    lines jsonb NOT NULL,
    refunds jsonb NOT NULL,
    run uuid NOT NULL,
    seq bigint NOT NULL,
    log_offset bigint NOT NULL,
    log_time timestamptz,  -- append time of that record; NULL where folded by a version that did not keep it
    received_at timestamptz NOT NULL,  -- when the record came in that first brought the document
    applied_no bigint NOT NULL,
    void jsonb,  -- when and why it was voided; NULL where it stands
    imported boolean NOT NULL DEFAULT false,  -- the till is an importer's
    fiscal_copy boolean NOT NULL DEFAULT false,  -- another document of its fiscal numbers stands for it
    PRIMARY KEY (outlet_id, return_id, till_id)
);
CREATE INDEX returns_of_sale ON returns (outlet_id, sale_id);
CREATE INDEX returns_by_time ON returns (outlet_id, at DESC, return_id DESC, till_id DESC);
CREATE INDEX returns_of_fiscal ON returns (outlet_id, fiscal_fn, fiscal_fd) WHERE fiscal_fd IS NOT NULL;
CREATE INDEX returns_off ON returns (outlet_id, day) WHERE difference <> 0;
CREATE INDEX returns_of_wrong_clocks ON returns (outlet_id, received_at)
    WHERE at > received_at OR at < timestamptz '2000-01-01 00:00:00+00';
-- What pages read, also of generations that know no voids: what stands is in the figures; listed are also what was
-- voided and copies, but for the places kept of documents that did not come.
CREATE VIEW returns_standing WITH (security_invoker) AS SELECT * FROM returns WHERE void IS NULL AND NOT fiscal_copy;
CREATE VIEW returns_listed WITH (security_invoker) AS SELECT * FROM returns WHERE void IS NULL OR NOT void ? 'unseen';
GRANT SELECT ON returns_standing, returns_listed TO weboffice_portal;

-- name: load
-- For the store: the rows of these keys, given as one JSON array, as far as there are any.
SELECT coalesce(json_agg(t), '[]')::text
FROM json_to_recordset(%(keys)s::json) AS k (outlet_id uuid, return_id text, till_id uuid)
CROSS JOIN LATERAL (
    SELECT * FROM returns t
    WHERE (t.outlet_id, t.return_id, t.till_id) = (k.outlet_id, k.return_id, k.till_id)
    OFFSET 0
) t;

-- name: of_fiscal
-- For the store: the returns of these fiscal numbers, of whatever till.
SELECT coalesce(json_agg(t), '[]')::text
FROM json_to_recordset(%(keys)s::json) AS k (outlet_id uuid, fiscal_fn text, fiscal_fd text)
CROSS JOIN LATERAL (
    SELECT * FROM returns t
    WHERE (t.outlet_id, t.fiscal_fn, t.fiscal_fd) = (k.outlet_id, k.fiscal_fn, k.fiscal_fd) AND t.fiscal_fd IS NOT NULL
    OFFSET 0
) t;

-- name: write
-- For the store: rows as they are now, given as one JSON array; they may be there already.
INSERT INTO returns (
    outlet_id, return_id, till_id, sale_id, number, at, day, hour, amount, revenue, advances_sum, tips_sum, debts_sum,
    tax_sum, cost_sum, cost_known_sum, difference, cashier, cashier_id, shift_id, fiscal_fn, fiscal_fd, fiscal_fp,
    tax_system, correction, lines, refunds, run, seq, log_offset, log_time, received_at, applied_no, void, imported, fiscal_copy
)
SELECT
    outlet_id, return_id, till_id, sale_id, number, at, day, hour, amount, revenue, advances_sum, tips_sum, debts_sum,
    tax_sum, cost_sum, cost_known_sum, difference, cashier, cashier_id, shift_id, fiscal_fn, fiscal_fd, fiscal_fp,
    tax_system, correction, lines, refunds, run, seq, log_offset, log_time, received_at, applied_no, void, imported, fiscal_copy
FROM json_populate_recordset(NULL::returns, %(rows)s::json)
ON CONFLICT (outlet_id, return_id, till_id) DO UPDATE SET
    sale_id = excluded.sale_id, number = excluded.number, at = excluded.at, day = excluded.day, hour = excluded.hour,
    amount = excluded.amount, revenue = excluded.revenue, advances_sum = excluded.advances_sum,
    tips_sum = excluded.tips_sum, debts_sum = excluded.debts_sum, tax_sum = excluded.tax_sum,
    cost_sum = excluded.cost_sum, cost_known_sum = excluded.cost_known_sum, difference = excluded.difference,
    cashier = excluded.cashier, cashier_id = excluded.cashier_id, shift_id = excluded.shift_id,
    fiscal_fn = excluded.fiscal_fn, fiscal_fd = excluded.fiscal_fd, fiscal_fp = excluded.fiscal_fp,
    tax_system = excluded.tax_system, correction = excluded.correction, lines = excluded.lines,
    refunds = excluded.refunds, run = excluded.run, seq = excluded.seq, log_offset = excluded.log_offset,
    log_time = excluded.log_time, received_at = excluded.received_at, applied_no = excluded.applied_no,
    void = excluded.void, imported = excluded.imported, fiscal_copy = excluded.fiscal_copy;

-- name: copy
-- For a bulk replay: new rows, certainly not there, in COPY's text format.
COPY returns (
    outlet_id, return_id, till_id, sale_id, number, at, day, hour, amount, revenue, advances_sum, tips_sum, debts_sum,
    tax_sum, cost_sum, cost_known_sum, difference, cashier, cashier_id, shift_id, fiscal_fn, fiscal_fd, fiscal_fp,
    tax_system, correction, lines, refunds, run, seq, log_offset, log_time, received_at, applied_no, void, imported, fiscal_copy
) FROM STDIN;

-- name: remove
-- For the removal of an outlet.
DELETE FROM returns WHERE outlet_id = %(outlet)s;
