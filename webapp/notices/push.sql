-- name: devices
SELECT device_id, device, subscribed_at, session_hash = %(session)s AS this FROM app.push_devices
WHERE account_id = %(account)s AND person_id = %(person)s
ORDER BY device_id;

-- name: not_of_others
-- A browser has one address: who subscribes with it now is who sits before it.
DELETE FROM app.push_devices WHERE endpoint = %(endpoint)s AND person_id <> %(person)s;

-- name: hold
-- For the transaction: one device of a person is added at a time, so that the bound holds.
SELECT pg_advisory_xact_lock(hashtextextended('push ' || %(account)s::text || %(person)s::text, 0));

-- name: subscribe
-- Nothing where the person has as many devices already.
INSERT INTO app.push_devices (account_id, person_id, endpoint, p256dh, auth, session_hash, device)
SELECT %(account)s, %(person)s, %(endpoint)s, %(p256dh)s, %(auth)s, %(session)s, %(device)s
WHERE (
    SELECT count(*) FROM app.push_devices
    WHERE account_id = %(account)s AND person_id = %(person)s AND endpoint <> %(endpoint)s
) < %(most)s
ON CONFLICT (account_id, person_id, endpoint) DO UPDATE SET
    p256dh = excluded.p256dh, auth = excluded.auth, session_hash = excluded.session_hash, device = excluded.device;

-- name: unsubscribe
DELETE FROM app.push_devices WHERE account_id = %(account)s AND person_id = %(person)s AND device_id = %(device)s;
