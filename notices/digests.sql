-- name: done
SELECT period, morning FROM app.digests WHERE account_id = %(account)s AND person_id = %(person)s;

-- name: note
-- One of several processes notes it; the others wait for its commit, and find it noted.
INSERT INTO app.digests (account_id, person_id, period, morning)
VALUES (%(account)s, %(person)s, %(kind)s, %(morning)s)
ON CONFLICT DO NOTHING
RETURNING period;

-- name: odd
-- Stock has a line of its own.
SELECT outlet_id, kind, subject, facts, over_at IS NOT NULL FROM app.alarms
WHERE outlet_id = ANY (%(outlets)s) AND kind NOT IN ('stock', 'cover') AND (told_at >= %(since)s OR over_at IS NULL)
ORDER BY told_at DESC, alarm_id DESC
LIMIT 500;

-- name: alarm_from
SELECT alarm_from FROM app.accounts WHERE account_id = %(account)s;
