-- Returns, one row each.

-- name: create
-- The table in a new generation, with the indexes that pages read by.
CREATE TABLE returns (
    outlet_id uuid NOT NULL,
    return_id text NOT NULL,
    till_id uuid NOT NULL,
    sale_id text NOT NULL,
    at timestamptz NOT NULL,
    day date NOT NULL,
    hour smallint NOT NULL,
    amount numeric NOT NULL,
    difference numeric NOT NULL,  -- refunds - amount
    lines jsonb NOT NULL,
    refunds jsonb NOT NULL,
    run uuid NOT NULL,
    seq bigint NOT NULL,
    log_offset bigint NOT NULL,
    log_time timestamptz,  -- append time of that record; NULL where folded by a version that did not keep it
    applied_no bigint NOT NULL,
    PRIMARY KEY (outlet_id, return_id, till_id)
);
CREATE INDEX returns_of_sale ON returns (outlet_id, sale_id);
CREATE INDEX returns_by_time ON returns (outlet_id, at DESC, return_id DESC, till_id DESC);

-- name: load
-- For the store: the rows of these keys, given as one JSON array, as far as there are any.
SELECT coalesce(json_agg(t), '[]')::text
FROM returns t
JOIN json_to_recordset(%(keys)s::json) AS k (outlet_id uuid, return_id text, till_id uuid) USING (outlet_id, return_id, till_id);

-- name: write
-- For the store: rows as they are now, given as one JSON array; they may be there already.
INSERT INTO returns (
    outlet_id, return_id, till_id, sale_id, at, day, hour, amount, difference, lines, refunds, run, seq,
    log_offset, log_time, applied_no
)
SELECT
    outlet_id, return_id, till_id, sale_id, at, day, hour, amount, difference, lines, refunds, run, seq,
    log_offset, log_time, applied_no
FROM json_populate_recordset(NULL::returns, %(rows)s::json)
ON CONFLICT (outlet_id, return_id, till_id) DO UPDATE SET
    sale_id = excluded.sale_id, at = excluded.at, day = excluded.day, hour = excluded.hour,
    amount = excluded.amount, difference = excluded.difference, lines = excluded.lines,
    refunds = excluded.refunds, run = excluded.run, seq = excluded.seq, log_offset = excluded.log_offset,
    log_time = excluded.log_time, applied_no = excluded.applied_no;

-- name: copy
-- For a bulk replay: new rows, certainly not there, in COPY's text format.
COPY returns (
    outlet_id, return_id, till_id, sale_id, at, day, hour, amount, difference, lines, refunds, run, seq,
    log_offset, log_time, applied_no
) FROM STDIN;

-- name: remove
-- For the removal of an outlet.
DELETE FROM returns WHERE outlet_id = %(outlet)s;
