-- The events that voided a sale or a return, one row each.

-- name: create
-- The table in a new generation; the card of a closing reads who voided a document.
CREATE TABLE void_uploads (
    outlet_id uuid NOT NULL,
    till_id uuid NOT NULL,
    kind text NOT NULL,  -- 'sale' or 'return'
    id text NOT NULL,
    run uuid NOT NULL,
    seq bigint NOT NULL,
    applied_no bigint NOT NULL,  -- of several the first one counts
    log_offset bigint NOT NULL,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (outlet_id, till_id, kind, id, run, seq)
);

-- name: write
-- For the store: new rows, given as one JSON array; the same ones may be there already.
INSERT INTO void_uploads (
    outlet_id, till_id, kind, id, run, seq, applied_no, log_offset, received_at
)
SELECT
    outlet_id, till_id, kind, id, run, seq, applied_no, log_offset, received_at
FROM json_populate_recordset(NULL::void_uploads, %(rows)s::json)
ON CONFLICT (outlet_id, till_id, kind, id, run, seq) DO UPDATE SET
    applied_no = excluded.applied_no, log_offset = excluded.log_offset, received_at = excluded.received_at;

-- name: remove
-- For the removal of an outlet.
DELETE FROM void_uploads WHERE outlet_id = %(outlet)s;
