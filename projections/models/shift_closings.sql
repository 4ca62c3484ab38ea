-- Ends of shifts, one row each.

-- name: create
-- The table in a new generation, with the index that pages read by.
CREATE TABLE shift_closings (
    outlet_id uuid NOT NULL,
    shift_id text NOT NULL,
    till_id uuid NOT NULL,
    number text NOT NULL,
    cash numeric,
    cashier text,
    cashier_id text,
    totals_sales numeric,
    totals_returns numeric,
    totals_receipts integer,
    totals_methods jsonb NOT NULL,
    at timestamptz NOT NULL,
    day date NOT NULL,
    run uuid NOT NULL,
    seq bigint NOT NULL,
    log_offset bigint NOT NULL,
    received_at timestamptz NOT NULL,
    applied_no bigint NOT NULL,
    PRIMARY KEY (outlet_id, shift_id, till_id)
);
CREATE INDEX shift_closings_by_day ON shift_closings (outlet_id, day);

-- name: load
-- For the store: the rows of these keys, given as one JSON array, as far as there are any.
SELECT coalesce(json_agg(t), '[]')::text
FROM json_to_recordset(%(keys)s::json) AS k (outlet_id uuid, shift_id text, till_id uuid)
CROSS JOIN LATERAL (
    SELECT * FROM shift_closings t
    WHERE (t.outlet_id, t.shift_id, t.till_id) = (k.outlet_id, k.shift_id, k.till_id)
    OFFSET 0
) t;

-- name: write
-- For the store: rows as they are now, given as one JSON array; they may be there already.
INSERT INTO shift_closings (
    outlet_id, shift_id, till_id, number, cash, cashier, cashier_id, totals_sales, totals_returns,
    totals_receipts, totals_methods, at, day, run, seq, log_offset, received_at, applied_no
)
SELECT
    outlet_id, shift_id, till_id, number, cash, cashier, cashier_id, totals_sales, totals_returns,
    totals_receipts, totals_methods, at, day, run, seq, log_offset, received_at, applied_no
FROM json_populate_recordset(NULL::shift_closings, %(rows)s::json)
ON CONFLICT (outlet_id, shift_id, till_id) DO UPDATE SET
    number = excluded.number, cash = excluded.cash, cashier = excluded.cashier,
    cashier_id = excluded.cashier_id, totals_sales = excluded.totals_sales,
    totals_returns = excluded.totals_returns, totals_receipts = excluded.totals_receipts,
    totals_methods = excluded.totals_methods, at = excluded.at, day = excluded.day, run = excluded.run,
    seq = excluded.seq, log_offset = excluded.log_offset;

-- name: copy
-- For a bulk replay: new rows, certainly not there, in COPY's text format.
COPY shift_closings (
    outlet_id, shift_id, till_id, number, cash, cashier, cashier_id, totals_sales, totals_returns,
    totals_receipts, totals_methods, at, day, run, seq, log_offset, received_at, applied_no
) FROM STDIN;

-- name: remove
-- For the removal of an outlet.
DELETE FROM shift_closings WHERE outlet_id = %(outlet)s;
