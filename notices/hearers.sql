-- name: hearers
-- The owner, and the members, with what each chose: an owner hears by letter unless he chose otherwise, others if they did.
SELECT
    p.account_id AS person_id, p.email, p.locale, w.role, w.outlets, coalesce(h.letters, w.role = 'owner') AS letters,
    c.chat_id IS NOT NULL AS telegram,
    ARRAY(
        SELECT d.device_id FROM app.push_devices d
        WHERE d.account_id = %(account)s AND d.person_id = p.account_id ORDER BY d.device_id
    ) AS devices, h.quiet_from, h.quiet_until, coalesce(h.digest_hour, 8) AS digest_hour,
    coalesce(h.digests, '{}') AS digests, h.zone AS own_zone
FROM (
    SELECT %(account)s::uuid AS person_id, 'owner' AS role, NULL::uuid[] AS outlets
    UNION ALL
    SELECT person_id, role, outlets FROM app.members WHERE account_id = %(account)s AND removed_at IS NULL
) w
JOIN app.accounts p ON p.account_id = w.person_id AND p.disabled_at IS NULL
LEFT JOIN app.telegram_chats c ON c.account_id = %(account)s AND c.person_id = p.account_id
LEFT JOIN app.hearers h ON h.account_id = %(account)s AND h.person_id = p.account_id
ORDER BY w.role = 'owner' DESC, p.email;

-- name: queue
INSERT INTO app.messages (account_id, person_id, channel, device_id, about, subject, body, html, picture, created_at, next_attempt_at)
VALUES (%(account)s, %(person)s, %(channel)s, %(device)s, %(about)s, %(subject)s, %(body)s, %(html)s, %(picture)s, %(now)s, %(not_before)s);
