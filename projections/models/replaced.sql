-- Receipts whose number came again with other content, one row for each time.

-- name: create
-- The table in a new generation, with the index that the owner's notice reads by.
CREATE TABLE replaced (
    outlet_id uuid NOT NULL,
    kind text NOT NULL,  -- sale or return
    document_id text NOT NULL,
    till_id uuid NOT NULL,
    run uuid NOT NULL,
    seq bigint NOT NULL,
    day date NOT NULL,  -- of the content that counts since
    log_time timestamptz,  -- append time of the record that brought it
    before jsonb NOT NULL,
    after jsonb NOT NULL,
    PRIMARY KEY (outlet_id, kind, document_id, till_id, run, seq)
);
CREATE INDEX replaced_by_time ON replaced (outlet_id, log_time DESC);

-- name: load
-- Never asked for: each row is written once.
SELECT '[]'
FROM json_to_recordset(%(keys)s::json) AS k (outlet_id uuid)
WHERE false;

-- name: write
-- For the store: new rows, given as one JSON array.
INSERT INTO replaced (outlet_id, kind, document_id, till_id, run, seq, day, log_time, before, after)
SELECT outlet_id, kind, document_id, till_id, run, seq, day, log_time, before, after
FROM json_populate_recordset(NULL::replaced, %(rows)s::json);

-- name: remove
-- For the removal of an outlet.
DELETE FROM replaced WHERE outlet_id = %(outlet)s;
