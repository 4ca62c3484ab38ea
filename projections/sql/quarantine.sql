-- name: listed
SELECT partition, log_offset, first_seq, last_seq, outlet_id::text, till_id::text, run::text, log_time, reason,
    traceback, discarded_because, stub
FROM quarantine
WHERE discarded_because IS NULL OR %(discarded)s
ORDER BY partition, log_offset, first_seq;

-- name: at
SELECT partition, log_offset, first_seq, last_seq, outlet_id::text, till_id::text, run::text, log_time, reason,
    traceback, discarded_because, stub
FROM quarantine
WHERE partition = %(partition)s AND log_offset = %(log_offset)s
ORDER BY first_seq;

-- name: take_over
SELECT app.take_over(%(into_schema)s, %(taken_from)s, %(relation)s, %(outlet)s);

-- name: notify
SELECT pg_notify('weboffice_outlets', %(outlet)s);
