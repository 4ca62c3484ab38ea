-- name: sums
-- For the ledger page: how many events were refused, how many of them are news, for how many reasons.
SELECT
    count(*) AS events, count(*) FILTER (WHERE f.seq > coalesce(s.through, 0)) AS news,
    count(DISTINCT (f.till_id, regexp_replace(f.reason, '^events\[\d+\]\.?', ''))) AS reasons
FROM refusals f
LEFT JOIN app.seen_refusals s USING (outlet_id, till_id, run)
WHERE f.outlet_id = %(outlet)s;

-- name: reasons
-- For the ledger page. Earlier tills named the place in the upload as well, which says nothing.
SELECT
    coalesce(t.name, '') AS till, f.till_id, regexp_replace(f.reason, '^events\[\d+\]\.?', '') AS reason, count(*) AS events,
    count(*) FILTER (WHERE f.seq > coalesce(s.through, 0)) AS news, min(f.at) AS first_at, max(f.at) AS last_at,
    (array_agg(f.run ORDER BY f.received_at DESC, f.seq DESC))[1] AS run,
    (array_agg(f.seq ORDER BY f.received_at DESC, f.seq DESC))[1] AS example
FROM refusals f
LEFT JOIN app.seen_refusals s USING (outlet_id, till_id, run)
LEFT JOIN app.tills t ON t.till_id = f.till_id
WHERE f.outlet_id = %(outlet)s
GROUP BY t.name, f.till_id, 3
ORDER BY news DESC, events DESC, reason
LIMIT 30;
