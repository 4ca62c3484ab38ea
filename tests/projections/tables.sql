-- What tests read of one outlet beside its projections, which are read by their declarations.

-- name: empty_registers
-- Before the next example of a property test.
DELETE FROM app.forgotten_contacts;

-- name: ledger
-- What became of the events of each run.
SELECT
    r.till_id::text, r.run::text, applied_through, read, applied, duplicate,
    (SELECT coalesce(sum(p.last_seq - p.first_seq + 1), 0)::bigint FROM parked p
     WHERE (p.outlet_id, p.till_id, p.run) = (r.outlet_id, r.till_id, r.run)),
    (SELECT coalesce(sum(q.last_seq - q.first_seq + 1), 0)::bigint FROM quarantine q
     WHERE (q.outlet_id, q.till_id, q.run) = (r.outlet_id, r.till_id, r.run) AND q.discarded_because IS NULL),
    discarded
FROM runs r WHERE r.outlet_id = %(outlet)s;

-- name: quarantine
-- What is set aside, discarded or not.
SELECT log_offset, first_seq, last_seq, reason, traceback, discarded_because
FROM quarantine WHERE outlet_id = %(outlet)s ORDER BY log_offset, first_seq;

-- name: stubs
-- The numbers that stubs hold, by run.
SELECT till_id::text, run::text, array_agg(number ORDER BY number)
FROM quarantine CROSS JOIN generate_series(first_seq, last_seq) AS number
WHERE outlet_id = %(outlet)s AND stub AND discarded_because IS NULL
GROUP BY till_id, run;
