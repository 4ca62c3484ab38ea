-- name: hold_next
-- The next message that is due, as far as its channel's rate and its reader's allow. `hopeless`: it is given up if it fails now.
SELECT
    m.message_id, m.channel, m.person_id, m.about, p.email AS recipient, c.chat_id, m.device_id, d.endpoint, d.p256dh, d.auth,
    m.subject, m.body, m.html, m.picture, m.attachment, m.attachment_name,
    m.attempts,
    m.created_at < %(now)s::timestamptz - interval '3 days' AS hopeless
FROM app.messages m
JOIN app.accounts p ON p.account_id = m.person_id
LEFT JOIN app.telegram_chats c ON c.account_id = m.account_id AND c.person_id = m.person_id
LEFT JOIN app.push_devices d
    ON d.account_id = m.account_id AND d.person_id = m.person_id AND d.device_id = m.device_id
WHERE m.sent_at IS NULL AND m.failed_at IS NULL AND m.next_attempt_at <= %(now)s AND m.channel = %(channel)s
    AND (
        SELECT count(*) FROM app.messages s
        WHERE s.channel = m.channel AND s.sent_at > %(now)s::timestamptz - interval '1 minute'
    ) < %(minute_most)s
    AND (
        SELECT count(*) FROM app.messages s
        WHERE s.channel = m.channel AND s.person_id = m.person_id
            AND s.device_id IS NOT DISTINCT FROM m.device_id AND s.sent_at > %(now)s::timestamptz - interval '1 hour'
    ) < %(hour_most)s
ORDER BY m.next_attempt_at, m.message_id LIMIT 1 FOR UPDATE OF m SKIP LOCKED;

-- name: sent
UPDATE app.messages SET sent_at = %(now)s, attempts = attempts + 1, error = '', attachment = NULL WHERE message_id = %(message)s;

-- name: put_off
UPDATE app.messages SET attempts = attempts + 1, error = %(error)s, next_attempt_at = %(now)s::timestamptz + %(wait)s
WHERE message_id = %(message)s;

-- name: failed
UPDATE app.messages SET failed_at = %(now)s, attempts = attempts + 1, error = %(error)s, attachment = NULL WHERE message_id = %(message)s;

-- name: end_device
DELETE FROM app.push_devices WHERE device_id = %(device)s;

-- name: waiting
SELECT count(*) FROM app.messages WHERE sent_at IS NULL AND failed_at IS NULL AND next_attempt_at <= %(now)s;
