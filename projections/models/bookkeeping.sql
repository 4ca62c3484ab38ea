-- What a generation keeps beside its projections: the tables, and what the removal of an outlet does to them.

-- name: create_positions
-- How far the log is folded in: the next offset of each partition of `events`.
CREATE TABLE positions (
    partition integer PRIMARY KEY,
    next_offset bigint NOT NULL,
    log_time timestamptz,  -- append time of the last record folded in
    topic_id uuid  -- of the topic that the offset counts in; NULL where last moved by a version that did not keep it
);
GRANT SELECT ON positions TO weboffice_portal;

-- name: create_runs
-- Through which number a till's run is applied, and what became of every event read.
CREATE TABLE runs (
    outlet_id uuid NOT NULL,
    till_id uuid NOT NULL,
    run uuid NOT NULL,
    applied_through bigint NOT NULL,
    read bigint NOT NULL,
    applied bigint NOT NULL,
    duplicate bigint NOT NULL,
    discarded bigint NOT NULL,
    given_up jsonb NOT NULL,  -- [[from, to], …]: numbers that an operator or the owner gave up
    PRIMARY KEY (outlet_id, till_id, run)
);

-- name: create_parked
-- Batches that wait behind a hole or a quarantined record of their run.
CREATE TABLE parked (
    outlet_id uuid NOT NULL,
    till_id uuid NOT NULL,
    run uuid NOT NULL,
    first_seq bigint NOT NULL,
    last_seq bigint NOT NULL,
    partition integer NOT NULL,
    log_offset bigint NOT NULL,
    log_time timestamptz NOT NULL,
    record bytea NOT NULL,  -- an encoded UploadRecord that holds just these events
    PRIMARY KEY (outlet_id, till_id, run, first_seq)
);

-- name: remove_parked
-- What waits of the outlet is discarded.
DELETE FROM parked WHERE outlet_id = %(outlet)s;

-- name: create_quarantine
-- Records that could not be decoded or folded, or the part of one that was not a duplicate.
CREATE TABLE quarantine (
    partition integer NOT NULL,
    log_offset bigint NOT NULL,
    first_seq bigint NOT NULL,
    last_seq bigint NOT NULL,  -- first_seq - 1 where the record's headers do not even say its run
    outlet_id uuid,
    till_id uuid,
    run uuid,
    log_time timestamptz NOT NULL,
    reason text NOT NULL,
    traceback text NOT NULL,
    discarded_because text,
    stub boolean NOT NULL DEFAULT false,  -- set aside by `anonymise`, which kept the raw bytes; readable content takes its place
    PRIMARY KEY (partition, log_offset, first_seq)
);
CREATE INDEX quarantine_run ON quarantine (outlet_id, till_id, run);

-- name: remove_quarantine
-- What is set aside of the outlet is discarded; it stays listed, with the reason.
UPDATE quarantine SET discarded_because = 'the outlet was removed'
WHERE outlet_id = %(outlet)s AND discarded_because IS NULL;

-- name: create_removed_outlets
-- Outlets that were removed: whatever comes for them later is discarded.
CREATE TABLE removed_outlets (
    outlet_id uuid PRIMARY KEY
);

-- name: remove_removed_outlets
-- Whatever comes for the outlet later is discarded.
INSERT INTO removed_outlets (outlet_id) VALUES (%(outlet)s) ON CONFLICT DO NOTHING;
