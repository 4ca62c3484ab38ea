-- What an import reads before it sends anything, on disk, so that a source may be larger than the memory.

-- name: settings
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA temp_store = FILE

-- name: tables
CREATE TABLE documents (
    number INTEGER PRIMARY KEY,     -- the order of the source
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    row INTEGER NOT NULL,
    once INTEGER NOT NULL,
    detail INTEGER NOT NULL,
    digest BLOB NOT NULL,
    events BLOB NOT NULL,           -- JSON
    rows BLOB,                      -- JSON: of a document that is made of rows, what they hold
    UNIQUE (kind, id)
);
CREATE TABLE fragments (
    number INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    row INTEGER NOT NULL,
    content BLOB NOT NULL,          -- JSON
    detail INTEGER NOT NULL
);

-- name: add
INSERT INTO documents (kind, id, row, once, detail, digest, events, rows)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (kind, id) DO NOTHING

-- name: staged
SELECT digest, row, once, detail FROM documents WHERE kind = ? AND id = ?

-- name: parts
SELECT rows FROM documents WHERE kind = ? AND id = ?

-- name: ids
SELECT id FROM documents WHERE kind = :kind AND id >= :first AND id < :past

-- name: replace
UPDATE documents SET row = ?, detail = ?, digest = ?, events = ?, rows = ? WHERE kind = ? AND id = ?

-- name: add_fragment
INSERT INTO fragments (kind, id, row, content, detail) VALUES (?, ?, ?, ?, ?)

-- name: index_fragments
CREATE INDEX IF NOT EXISTS fragments_of_document ON fragments (kind, id)

-- name: fragmented
-- The documents that are spread over rows, in the order in which they begin.
SELECT kind, id, min(number) AS first, max(detail) AS detail FROM fragments GROUP BY kind, id ORDER BY first

-- name: fragments
SELECT row, content FROM fragments WHERE kind = ? AND id = ? AND detail = ? ORDER BY number

-- name: documents
SELECT number, kind, id, row, once, detail, digest, events, rows FROM documents
WHERE number > ? ORDER BY number LIMIT ?

-- name: known_tables
-- Beside the spool: what was handed to it, so that the same is not sent again.
CREATE TABLE IF NOT EXISTS documents (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    digest BLOB NOT NULL,
    detail INTEGER NOT NULL,
    rows TEXT,                      -- JSON, as above
    day TEXT,                       -- what it adds to which day; NULL where nothing
    sales INTEGER,
    revenue TEXT,
    PRIMARY KEY (kind, id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS documents_by_day ON documents (day) WHERE day IS NOT NULL;
CREATE TABLE IF NOT EXISTS files (digest TEXT PRIMARY KEY, first_at TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS answers (format TEXT PRIMARY KEY, answers TEXT NOT NULL) WITHOUT ROWID

-- name: any_known
SELECT EXISTS (SELECT 1 FROM documents)

-- name: known
SELECT digest, detail, rows FROM documents WHERE kind = ? AND id = ?

-- name: remember
INSERT OR REPLACE INTO documents (kind, id, digest, detail, rows, day, sales, revenue) VALUES (?, ?, ?, ?, ?, ?, ?, ?)

-- name: known_day
-- What everything that was handed to this spool adds to a day.
SELECT sales, revenue FROM documents WHERE day = ?

-- name: first_at
SELECT first_at FROM files WHERE digest = ?

-- name: keep_first_at
INSERT OR IGNORE INTO files (digest, first_at) VALUES (?, ?)

-- name: answers
SELECT answers FROM answers WHERE format = ?

-- name: keep_answers
INSERT OR REPLACE INTO answers (format, answers) VALUES (?, ?)
