-- Events that the gateway refused and that tills withdrew, one row each.

-- name: create
-- The table in a new generation; pages read what came last.
CREATE TABLE refusals (
    outlet_id uuid NOT NULL,
    till_id uuid NOT NULL,
    run uuid NOT NULL,
    seq bigint NOT NULL,
    at timestamptz NOT NULL,
    reason text NOT NULL,
    received_at timestamptz NOT NULL,  -- when the withdrawal came in
    PRIMARY KEY (outlet_id, till_id, run, seq)
);

-- name: write
-- For the store: new rows, given as one JSON array; the same ones may be there already.
INSERT INTO refusals (
    outlet_id, till_id, run, seq, at, reason, received_at
)
SELECT
    outlet_id, till_id, run, seq, at, reason, received_at
FROM json_populate_recordset(NULL::refusals, %(rows)s::json)
ON CONFLICT (outlet_id, till_id, run, seq) DO UPDATE SET
    at = excluded.at, reason = excluded.reason, received_at = excluded.received_at;

-- name: remove
-- For the removal of an outlet.
DELETE FROM refusals WHERE outlet_id = %(outlet)s;
