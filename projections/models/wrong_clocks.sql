-- Events of tills whose clock is wrong, one row each.

-- name: create
-- The table in a new generation; the owner's notice reads what came last.
CREATE TABLE wrong_clocks (
    outlet_id uuid NOT NULL,
    till_id uuid NOT NULL,
    run uuid NOT NULL,
    seq bigint NOT NULL,
    at timestamptz NOT NULL,  -- by the till's clock
    received_at timestamptz NOT NULL,
    PRIMARY KEY (outlet_id, till_id, run, seq)
);
CREATE INDEX wrong_clocks_by_arrival ON wrong_clocks (outlet_id, received_at DESC);

-- name: write
-- For the store: new rows, given as one JSON array.
INSERT INTO wrong_clocks (outlet_id, till_id, run, seq, at, received_at)
SELECT outlet_id, till_id, run, seq, at, received_at
FROM json_populate_recordset(NULL::wrong_clocks, %(rows)s::json);

-- name: remove
-- For the removal of an outlet.
DELETE FROM wrong_clocks WHERE outlet_id = %(outlet)s;
