-- Files that were handed in, and the imports made of them: what the portal and the gateway write, and the worker does.

-- name: open
-- An import that receives its files.
INSERT INTO app.imports (import_id, outlet_id, till_id, format, state, answers, session_hash)
VALUES (%(import_id)s, %(outlet_id)s, %(till_id)s, %(format)s, 'receiving', %(answers)s, %(session_hash)s);

-- name: size
-- How many bytes an import holds, and all of its outlet.
SELECT coalesce(sum(length(content)) FILTER (WHERE import_id = %(import_id)s), 0), coalesce(sum(length(content)), 0)
FROM app.import_files JOIN app.imports USING (import_id) WHERE outlet_id = %(outlet_id)s;

-- name: add_piece
INSERT INTO app.import_files (import_id, name, piece, content)
SELECT %(import_id)s, %(name)s, coalesce(max(piece), 0) + 1, %(content)s
FROM app.import_files WHERE import_id = %(import_id)s AND name = %(name)s;

-- name: unfinished
-- How many imports of an outlet hold files.
SELECT count(*) FROM app.imports WHERE outlet_id = %(outlet_id)s AND state <> 'failed' AND state <> 'done'
AND part_of IS NULL;

-- name: hand_over
-- Let a worker do it.
UPDATE app.imports SET state = %(state)s, answers = answers || %(answers)s, question = NULL, error = NULL,
    changed_at = now(), claimed_at = NULL
WHERE import_id = %(import_id)s AND state = ANY (%(before)s)
RETURNING import_id;

-- name: of_session
-- The exchange of 1С that a cookie belongs to.
SELECT import_id, outlet_id, till_id FROM app.imports
WHERE session_hash = %(session_hash)s AND till_id = %(till_id)s AND state = 'receiving';

-- name: part
-- What became of a file of an exchange.
SELECT state, error, result FROM app.imports WHERE part_of = %(import_id)s AND file_name = %(name)s
ORDER BY created_at DESC LIMIT 1;

-- name: has_file
SELECT 1 FROM app.import_files WHERE import_id = %(import_id)s AND name = %(name)s LIMIT 1;

-- name: make_part
-- An import of one file of an exchange; the file goes over to it.
INSERT INTO app.imports (import_id, outlet_id, till_id, format, state, answers, part_of, file_name)
SELECT %(part_id)s, outlet_id, till_id, format, 'to_send', answers, import_id, %(name)s
FROM app.imports WHERE import_id = %(import_id)s;

-- name: move_file
UPDATE app.import_files SET import_id = %(part_id)s WHERE import_id = %(import_id)s AND name = %(name)s;

-- name: claim
-- For a worker: the import that waits longest, unless another one of the same till is being worked on.
UPDATE app.imports SET claimed_at = now()
WHERE import_id = (
    SELECT i.import_id FROM app.imports i
    WHERE i.state IN ('to_read', 'to_send') AND (i.claimed_at IS NULL OR i.claimed_at < now() - %(stale)s)
        AND NOT EXISTS (
            SELECT FROM app.imports o
            WHERE o.import_id <> i.import_id AND o.outlet_id = i.outlet_id AND o.format = i.format
                AND o.state IN ('to_read', 'to_send') AND o.claimed_at >= now() - %(stale)s
        )
    ORDER BY i.changed_at, i.import_id
    FOR UPDATE SKIP LOCKED
    LIMIT 1
)
RETURNING import_id, outlet_id, till_id, format, state, answers,
    (SELECT a.locale FROM app.outlets o JOIN app.accounts a USING (account_id) WHERE o.outlet_id = imports.outlet_id);

-- name: renew
-- A worker lives, and has got so far; nothing where the import is no longer there.
UPDATE app.imports SET claimed_at = now(), events_sent = %(events_sent)s WHERE import_id = %(import_id)s
RETURNING import_id;

-- name: files
SELECT name, piece FROM app.import_files WHERE import_id = %(import_id)s ORDER BY name, piece;

-- name: piece
SELECT content FROM app.import_files WHERE import_id = %(import_id)s AND name = %(name)s AND piece = %(piece)s;

-- name: finish
UPDATE app.imports SET state = %(state)s, question = %(question)s, result = %(result)s, error = %(error)s,
    changed_at = now(), claimed_at = NULL
WHERE import_id = %(import_id)s;

-- name: drop_files
-- What is brought in is not kept.
DELETE FROM app.import_files WHERE import_id = %(import_id)s;

-- name: sweep
-- What was handed in a day ago.
DELETE FROM app.imports WHERE created_at < now() - interval '24 hours';

-- name: waiting
-- For the metrics.
SELECT count(*) FROM app.imports WHERE state IN ('to_read', 'to_send');

-- name: of_outlet
-- For the portal: the imports of an outlet, the latest first.
SELECT import_id, format, state, question, result, error, events_sent, created_at, changed_at FROM app.imports
WHERE outlet_id = %(outlet_id)s AND part_of IS NULL AND session_hash IS NULL
ORDER BY created_at DESC LIMIT 20;

-- name: one_of_outlet
SELECT import_id, format, state, question, result, error, events_sent, created_at, changed_at FROM app.imports
WHERE outlet_id = %(outlet_id)s AND import_id = %(import_id)s;

-- name: answers
SELECT answers FROM app.imports WHERE import_id = %(import_id)s FOR UPDATE;

-- name: remove
DELETE FROM app.imports WHERE outlet_id = %(outlet_id)s AND import_id = %(import_id)s;
