-- name: journal_kept
-- For pages that tell refusals: whether this generation has them.
SELECT to_regclass('refusals') IS NOT NULL;

-- name: refused
-- For the state of the data: events that the gateway refused, by till, and how many of them the owner has seen.
SELECT
    f.outlet_id, coalesce(t.name, ''), f.till_id, count(*),
    count(*) FILTER (WHERE f.seq <= s.through)
FROM refusals f
LEFT JOIN app.seen_refusals s ON s.outlet_id = f.outlet_id AND s.till_id = f.till_id AND s.run = f.run
LEFT JOIN app.tills t ON t.till_id = f.till_id
WHERE f.outlet_id = ANY (%(outlets)s)
GROUP BY f.outlet_id, t.name, t.created_at, f.till_id
ORDER BY f.outlet_id, t.created_at, f.till_id;

-- name: passed_over
-- For the state of the data: how many events were discarded, whatever for, whether any are given up, and whether this
-- generation keeps what was refused.
SELECT outlet_id, sum(discarded), bool_or(given_up <> '[]'), to_regclass('refusals') IS NOT NULL
FROM runs
WHERE outlet_id = ANY (%(outlets)s)
GROUP BY outlet_id;
