-- name: queue
INSERT INTO app.mail (recipient, subject, body, reply_to)
VALUES (%(recipient)s, %(subject)s, %(body)s, %(reply_to)s);

-- name: hold_next
SELECT mail_id, recipient, subject, body, reply_to, attempts, created_at < now() - interval '3 days' AS hopeless
FROM app.mail WHERE next_attempt_at <= now()
ORDER BY mail_id LIMIT 1 FOR UPDATE SKIP LOCKED;

-- name: delete
DELETE FROM app.mail WHERE mail_id = %(mail_id)s;

-- name: put_off
UPDATE app.mail SET attempts = attempts + 1, next_attempt_at = now() + %(wait)s WHERE mail_id = %(mail_id)s;
