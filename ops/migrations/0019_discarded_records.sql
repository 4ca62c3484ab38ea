-- Records in quarantine that do not even say their run: no event waits for one and no figure depends on it, so giving
-- one up needs no record in the log (nor is there a run to name in it). It is kept here, beside the generations, so
-- that a rebuild does not bring it back into view.
CREATE TABLE app.discarded_records (
    partition integer NOT NULL,
    log_offset bigint NOT NULL,
    reason text NOT NULL,
    decided_at timestamptz NOT NULL,
    PRIMARY KEY (partition, log_offset)
);

-- What is set aside in a generation, the search path's own, and not resolved.
CREATE FUNCTION app.unresolved() RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT count(*) FROM quarantine q
        WHERE q.discarded_because IS NULL AND NOT (q.run IS NULL AND EXISTS (
            SELECT FROM app.discarded_records d WHERE (d.partition, d.log_offset) = (q.partition, q.log_offset))));
END
$$;
