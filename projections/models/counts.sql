-- Counts of stock, one row each.

-- name: create
-- The table in a new generation.
CREATE TABLE counts (
    outlet_id uuid NOT NULL,
    good_id text NOT NULL,
    warehouse_id text NOT NULL,
    at timestamptz NOT NULL,
    till_id uuid NOT NULL,
    quantity numeric NOT NULL,
    run uuid NOT NULL,
    seq bigint NOT NULL,
    log_offset bigint NOT NULL,
    received_at timestamptz NOT NULL,  -- when the record came in that brought it
    applied_no bigint NOT NULL,
    PRIMARY KEY (outlet_id, good_id, warehouse_id, at, till_id)
);

-- name: load
-- For the store: the rows of these keys, given as one JSON array, as far as there are any.
SELECT coalesce(json_agg(t), '[]')::text
FROM json_to_recordset(%(keys)s::json)
    AS k (outlet_id uuid, good_id text, warehouse_id text, at timestamptz, till_id uuid)
CROSS JOIN LATERAL (
    SELECT * FROM counts t
    WHERE (t.outlet_id, t.good_id, t.warehouse_id, t.at, t.till_id)
        = (k.outlet_id, k.good_id, k.warehouse_id, k.at, k.till_id)
    OFFSET 0
) t;

-- name: write
-- For the store: new rows, given as one JSON array. One that is there stays as it is.
INSERT INTO counts (
    outlet_id, good_id, warehouse_id, at, till_id, quantity, run, seq, log_offset, received_at, applied_no
)
SELECT outlet_id, good_id, warehouse_id, at, till_id, quantity, run, seq, log_offset, received_at, applied_no
FROM json_populate_recordset(NULL::counts, %(rows)s::json);

-- name: copy
-- For a bulk replay: new rows, certainly not there, in COPY's text format.
COPY counts (
    outlet_id, good_id, warehouse_id, at, till_id, quantity, run, seq, log_offset, received_at, applied_no
) FROM STDIN;

-- name: remove
-- For the removal of an outlet.
DELETE FROM counts WHERE outlet_id = %(outlet)s;
