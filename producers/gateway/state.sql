-- name: use_live
SELECT set_config('search_path', schema_name, true) FROM app.generations WHERE state = 'live';

-- name: run
SELECT applied_through, given_up FROM runs
WHERE outlet_id = %(outlet)s AND till_id = %(till)s AND run = %(run)s;

-- name: waiting
SELECT first_seq, last_seq FROM parked
WHERE outlet_id = %(outlet)s AND till_id = %(till)s AND run = %(run)s;

-- name: quarantined
SELECT first_seq, last_seq FROM quarantine
WHERE outlet_id = %(outlet)s AND till_id = %(till)s AND run = %(run)s AND discarded_because IS NULL;

-- name: lost
-- The empty span behind the last number that was lost with a log: what is below and not here is missing.
SELECT lost_through + 1, lost_through FROM app.acknowledged
WHERE outlet_id = %(outlet)s AND till_id = %(till)s AND run = %(run)s AND lost_through > 0;
