-- name: listed
SELECT q.partition, q.log_offset, first_seq, last_seq, outlet_id::text, till_id::text, run::text, log_time, q.reason,
    traceback, coalesce(discarded_because, d.reason) AS discarded_because, stub
FROM quarantine q
LEFT JOIN app.discarded_records d ON run IS NULL AND (d.partition, d.log_offset) = (q.partition, q.log_offset)
WHERE coalesce(discarded_because, d.reason) IS NULL OR %(discarded)s
ORDER BY q.partition, q.log_offset, first_seq;

-- name: at
SELECT q.partition, q.log_offset, first_seq, last_seq, outlet_id::text, till_id::text, run::text, log_time, q.reason,
    traceback, coalesce(discarded_because, d.reason) AS discarded_because, stub
FROM quarantine q
LEFT JOIN app.discarded_records d ON run IS NULL AND (d.partition, d.log_offset) = (q.partition, q.log_offset)
WHERE q.partition = %(partition)s AND q.log_offset = %(log_offset)s
ORDER BY first_seq;

-- name: discard_record
INSERT INTO app.discarded_records (partition, log_offset, reason, decided_at)
VALUES (%(partition)s, %(log_offset)s, %(reason)s, %(decided_at)s)
ON CONFLICT DO NOTHING;

-- name: take_over
SELECT app.take_over(%(into_schema)s, %(taken_from)s, %(relation)s, %(outlet)s);

-- name: notify
SELECT pg_notify('weboffice_outlets', %(outlet)s);
