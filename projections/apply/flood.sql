-- name: recent
-- What is set aside among the last records of each partition, of how many outlets, and how many records those are.
WITH aside AS (
    SELECT DISTINCT q.partition, q.log_offset, q.outlet_id
    FROM quarantine q
    JOIN positions p USING (partition)
    WHERE q.log_offset >= p.next_offset - %(recent)s AND q.discarded_because IS NULL
)
SELECT count(*), count(DISTINCT outlet_id), coalesce((
    SELECT sum(least(p.next_offset, %(recent)s)) FROM positions p
    WHERE p.partition IN (SELECT partition FROM aside)
), 0)::bigint
FROM aside;
