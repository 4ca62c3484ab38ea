-- name: attempt
INSERT INTO app.attempts AS a (action, subject, window_ends, count)
VALUES (%(action)s, %(subject)s, now() + %(window)s, 1)
ON CONFLICT (action, subject) DO UPDATE SET
    count = CASE WHEN a.window_ends <= now() THEN 1 ELSE a.count + 1 END,
    window_ends = CASE WHEN a.window_ends <= now() THEN excluded.window_ends ELSE a.window_ends END
RETURNING count, extract(epoch FROM window_ends - now())::float8;

-- name: forget
DELETE FROM app.attempts WHERE action = %(action)s AND subject = %(subject)s;
