-- Stock movements other than sales, one row each.

-- name: create
-- The table in a new generation, with the indexes that pages read by; that of wrong clocks is for late counts.
CREATE TABLE moves (
    outlet_id uuid NOT NULL,
    move_id text NOT NULL,
    till_id uuid NOT NULL,
    good_id text NOT NULL,
    warehouse_id text NOT NULL,
    quantity numeric NOT NULL,
    reason text NOT NULL,
    at timestamptz NOT NULL,
    day date NOT NULL,
    run uuid NOT NULL,
    seq bigint NOT NULL,
    log_offset bigint NOT NULL,
    received_at timestamptz NOT NULL,  -- when the record came in that first brought the document
    applied_no bigint NOT NULL,
    PRIMARY KEY (outlet_id, move_id, till_id)
);
CREATE INDEX moves_of_good ON moves (outlet_id, good_id, at DESC);
CREATE INDEX moves_of_wrong_clocks ON moves (outlet_id, good_id, received_at)
    WHERE at > received_at OR at < timestamptz '2000-01-01 00:00:00+00';

-- name: load
-- For the store: the rows of these keys, given as one JSON array, as far as there are any.
SELECT coalesce(json_agg(t), '[]')::text
FROM json_to_recordset(%(keys)s::json) AS k (outlet_id uuid, move_id text, till_id uuid)
CROSS JOIN LATERAL (
    SELECT * FROM moves t
    WHERE (t.outlet_id, t.move_id, t.till_id) = (k.outlet_id, k.move_id, k.till_id)
    OFFSET 0
) t;

-- name: write
-- For the store: rows as they are now, given as one JSON array; they may be there already.
INSERT INTO moves (
    outlet_id, move_id, till_id, good_id, warehouse_id, quantity, reason, at, day, run, seq, log_offset,
    received_at, applied_no
)
SELECT
    outlet_id, move_id, till_id, good_id, warehouse_id, quantity, reason, at, day, run, seq, log_offset,
    received_at, applied_no
FROM json_populate_recordset(NULL::moves, %(rows)s::json)
ON CONFLICT (outlet_id, move_id, till_id) DO UPDATE SET
    good_id = excluded.good_id, warehouse_id = excluded.warehouse_id, quantity = excluded.quantity,
    reason = excluded.reason, at = excluded.at, day = excluded.day, run = excluded.run, seq = excluded.seq,
    log_offset = excluded.log_offset, applied_no = excluded.applied_no;

-- name: copy
-- For a bulk replay: new rows, certainly not there, in COPY's text format.
COPY moves (
    outlet_id, move_id, till_id, good_id, warehouse_id, quantity, reason, at, day, run, seq, log_offset,
    received_at, applied_no
) FROM STDIN;

-- name: remove
-- For the removal of an outlet.
DELETE FROM moves WHERE outlet_id = %(outlet)s;
