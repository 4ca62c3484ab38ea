-- Movements of cash otherwise than by receipts, one row each.

-- name: create
-- The table in a new generation, with the index that pages read by.
CREATE TABLE cash_moves (
    outlet_id uuid NOT NULL,
    cash_id text NOT NULL,
    till_id uuid NOT NULL,
    shift_id text,
    amount numeric NOT NULL,
    reason text NOT NULL,
    note text,
    at timestamptz NOT NULL,
    day date NOT NULL,
    run uuid NOT NULL,
    seq bigint NOT NULL,
    log_offset bigint NOT NULL,
    received_at timestamptz NOT NULL,
    applied_no bigint NOT NULL,
    PRIMARY KEY (outlet_id, cash_id, till_id)
);
CREATE INDEX cash_moves_by_time ON cash_moves (outlet_id, at DESC, cash_id DESC, till_id DESC);

-- name: load
-- For the store: the rows of these keys, given as one JSON array, as far as there are any.
SELECT coalesce(json_agg(t), '[]')::text
FROM json_to_recordset(%(keys)s::json) AS k (outlet_id uuid, cash_id text, till_id uuid)
CROSS JOIN LATERAL (
    SELECT * FROM cash_moves t
    WHERE (t.outlet_id, t.cash_id, t.till_id) = (k.outlet_id, k.cash_id, k.till_id)
    OFFSET 0
) t;

-- name: write
-- For the store: rows as they are now, given as one JSON array; they may be there already.
INSERT INTO cash_moves (
    outlet_id, cash_id, till_id, shift_id, amount, reason, note, at, day, run, seq, log_offset, received_at,
    applied_no
)
SELECT
    outlet_id, cash_id, till_id, shift_id, amount, reason, note, at, day, run, seq, log_offset, received_at,
    applied_no
FROM json_populate_recordset(NULL::cash_moves, %(rows)s::json)
ON CONFLICT (outlet_id, cash_id, till_id) DO UPDATE SET
    shift_id = excluded.shift_id, amount = excluded.amount, reason = excluded.reason, note = excluded.note,
    at = excluded.at, day = excluded.day, run = excluded.run, seq = excluded.seq,
    log_offset = excluded.log_offset;

-- name: copy
-- For a bulk replay: new rows, certainly not there, in COPY's text format.
COPY cash_moves (
    outlet_id, cash_id, till_id, shift_id, amount, reason, note, at, day, run, seq, log_offset, received_at,
    applied_no
) FROM STDIN;

-- name: remove
-- For the removal of an outlet.
DELETE FROM cash_moves WHERE outlet_id = %(outlet)s;
