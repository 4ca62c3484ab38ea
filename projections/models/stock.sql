-- Stock of each good in each warehouse.

-- name: create
-- The table in a new generation.
CREATE TABLE stock (
    outlet_id uuid NOT NULL,
    good_id text NOT NULL,
    warehouse_id text NOT NULL,
    quantity numeric NOT NULL,
    counted_no bigint NOT NULL,  -- `applied_no` of the last count, 0 before the first
    PRIMARY KEY (outlet_id, good_id, warehouse_id)
);

-- name: load
-- For the store: the rows of these keys, given as one JSON array, as far as there are any.
SELECT coalesce(json_agg(t), '[]')::text
FROM stock t
JOIN json_to_recordset(%(keys)s::json) AS k (outlet_id uuid, good_id text, warehouse_id text) USING (outlet_id, good_id, warehouse_id);

-- name: write
-- For the store: rows as they are now, given as one JSON array; they may be there already.
INSERT INTO stock (
    outlet_id, good_id, warehouse_id, quantity, counted_no
)
SELECT
    outlet_id, good_id, warehouse_id, quantity, counted_no
FROM json_populate_recordset(NULL::stock, %(rows)s::json)
ON CONFLICT (outlet_id, good_id, warehouse_id) DO UPDATE SET
    quantity = excluded.quantity, counted_no = excluded.counted_no;

-- name: add
-- For the store: what a batch adds to rows that it did not read. `counted_no` is 0 in them and stays as stored.
INSERT INTO stock (
    outlet_id, good_id, warehouse_id, quantity, counted_no
)
SELECT
    outlet_id, good_id, warehouse_id, quantity, counted_no
FROM json_populate_recordset(NULL::stock, %(rows)s::json)
ON CONFLICT (outlet_id, good_id, warehouse_id) DO UPDATE SET
    quantity = stock.quantity + excluded.quantity;

-- name: copy
-- For a bulk replay: new rows, certainly not there, in COPY's text format.
COPY stock (outlet_id, good_id, warehouse_id, quantity, counted_no) FROM STDIN;

-- name: remove
-- For the removal of an outlet.
DELETE FROM stock WHERE outlet_id = %(outlet)s;
