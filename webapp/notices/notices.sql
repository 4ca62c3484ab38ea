-- name: choice
-- How a person hears of an account; by default an owner by letter, others not at all.
SELECT letters, quiet_from, quiet_until, digest_hour, digests, zone FROM app.hearers WHERE account_id = %(account)s AND person_id = %(person)s;

-- name: choose
INSERT INTO app.hearers (account_id, person_id, letters, quiet_from, quiet_until, digest_hour, digests, zone)
VALUES (%(account)s, %(person)s, %(letters)s, %(quiet_from)s, %(quiet_until)s, %(digest_hour)s, %(digests)s, %(zone)s)
ON CONFLICT (account_id, person_id) DO UPDATE SET
    letters = excluded.letters, quiet_from = excluded.quiet_from, quiet_until = excluded.quiet_until,
    digest_hour = excluded.digest_hour, digests = excluded.digests, zone = excluded.zone;

-- name: messages
-- What a person was sent of an account, and what is on its way or failed, the latest first.
SELECT message_id, channel, subject, body, created_at, next_attempt_at, attempts, error, sent_at, failed_at
FROM app.messages
WHERE account_id = %(account)s AND person_id = %(person)s
ORDER BY message_id DESC
LIMIT 50;

-- name: standing
-- How many alarms stand at each outlet, by kind.
SELECT outlet_id, kind, count(*)::integer AS alarms, min(told_at) AS since
FROM app.alarms
WHERE outlet_id = ANY (%(outlets)s) AND over_at IS NULL
GROUP BY outlet_id, kind
ORDER BY since DESC, outlet_id, kind;

-- name: rules
SELECT kind, active, threshold FROM app.alarm_rules WHERE outlet_id = %(outlet)s;

-- name: change_rule
INSERT INTO app.alarm_rules (outlet_id, kind, active, threshold)
VALUES (%(outlet)s, %(kind)s, %(active)s, %(threshold)s)
ON CONFLICT (outlet_id, kind) DO UPDATE SET active = excluded.active, threshold = excluded.threshold;
