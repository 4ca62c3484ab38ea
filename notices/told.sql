-- name: accounts
-- Whose outlets are looked at.
SELECT a.account_id FROM app.accounts a
WHERE a.disabled_at IS NULL
    AND EXISTS (SELECT FROM app.outlets o WHERE o.account_id = a.account_id AND o.removed_at IS NULL AND NOT o.test)
ORDER BY a.account_id;

-- name: take
-- For the transaction: nobody else tells this account anything; false where somebody does.
SELECT pg_try_advisory_xact_lock(hashtextextended('tell ' || %(account)s::text, 0));

-- name: rules
SELECT r.outlet_id, r.kind, r.active, r.threshold
FROM app.alarm_rules r JOIN app.outlets o USING (outlet_id)
WHERE o.account_id = %(account)s;

-- name: told
-- What was told and is not over.
SELECT outlet_id, alarm_id, kind, subject, facts FROM app.alarms
WHERE outlet_id = ANY (%(outlets)s) AND over_at IS NULL
ORDER BY alarm_id;

-- name: tell
INSERT INTO app.alarms (outlet_id, kind, subject, facts, told_at)
SELECT * FROM unnest(
    %(outlets)s::uuid[], %(kinds)s::text[], %(subjects)s::text[], %(facts)s::jsonb[],
    array_fill(%(now)s::timestamptz, ARRAY[cardinality(%(outlets)s::uuid[])]));

-- name: over
UPDATE app.alarms SET over_at = %(now)s WHERE alarm_id = ANY (%(alarms)s);

-- name: expire
-- What is old goes: messages and digests after 90 days, alarms that are over after 180.
WITH gone AS (DELETE FROM app.messages WHERE created_at < %(now)s::timestamptz - interval '90 days'),
    mornings AS (DELETE FROM app.digests WHERE morning < (%(now)s::timestamptz)::date - 90)
DELETE FROM app.alarms WHERE over_at < %(now)s::timestamptz - interval '180 days';
