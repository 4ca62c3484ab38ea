-- Sales: the receipts, one row each.

-- name: create
-- The table in a new generation, with the indexes that pages read by.
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
    total numeric NOT NULL,
    change numeric NOT NULL,
    difference numeric NOT NULL,  -- payments - change - total; 0 where the receipt adds up
    contact_id text,
    cashier text,
    lines jsonb NOT NULL,
    payments jsonb NOT NULL,
    run uuid NOT NULL,
    seq bigint NOT NULL,
    log_offset bigint NOT NULL,
    log_time timestamptz,  -- append time of that record; NULL where folded by a version that did not keep it
    applied_no bigint NOT NULL,
    PRIMARY KEY (outlet_id, sale_id, till_id)
);
CREATE INDEX sales_by_time ON sales (outlet_id, at DESC, sale_id DESC, till_id DESC);

-- name: load
-- For the store: the rows of these keys, given as one JSON array, as far as there are any.
SELECT coalesce(json_agg(t), '[]')::text
FROM sales t
JOIN json_to_recordset(%(keys)s::json) AS k (outlet_id uuid, sale_id text, till_id uuid) USING (outlet_id, sale_id, till_id);

-- name: write
-- For the store: rows as they are now, given as one JSON array; they may be there already.
INSERT INTO sales (
    outlet_id, sale_id, till_id, number, at, day, hour, positions, goods_sum, discount_sum, total, change,
    difference, contact_id, cashier, lines, payments, run, seq, log_offset, log_time, applied_no
)
SELECT
    outlet_id, sale_id, till_id, number, at, day, hour, positions, goods_sum, discount_sum, total, change,
    difference, contact_id, cashier, lines, payments, run, seq, log_offset, log_time, applied_no
FROM json_populate_recordset(NULL::sales, %(rows)s::json)
ON CONFLICT (outlet_id, sale_id, till_id) DO UPDATE SET
    number = excluded.number, at = excluded.at, day = excluded.day, hour = excluded.hour,
    positions = excluded.positions, goods_sum = excluded.goods_sum, discount_sum = excluded.discount_sum,
    total = excluded.total, change = excluded.change, difference = excluded.difference,
    contact_id = excluded.contact_id, cashier = excluded.cashier, lines = excluded.lines,
    payments = excluded.payments, run = excluded.run, seq = excluded.seq, log_offset = excluded.log_offset,
    log_time = excluded.log_time, applied_no = excluded.applied_no;

-- name: copy
-- For a bulk replay: new rows, certainly not there, in COPY's text format.
COPY sales (
    outlet_id, sale_id, till_id, number, at, day, hour, positions, goods_sum, discount_sum, total, change,
    difference, contact_id, cashier, lines, payments, run, seq, log_offset, log_time, applied_no
) FROM STDIN;

-- name: remove
-- For the removal of an outlet.
DELETE FROM sales WHERE outlet_id = %(outlet)s;
