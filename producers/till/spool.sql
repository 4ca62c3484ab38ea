-- Everything a spool says to its database. An event's place in the order of acceptance is `id`; its number in its run is
-- id - base. So a run is a range of ids, and to begin one in the middle of the events renumbers them.

-- name: lock
-- One process at a time, until it ends. It comes before everything else: so no memory is shared, and no file for it made.
PRAGMA locking_mode = EXCLUSIVE

-- name: attach
ATTACH :stamp AS stamp

-- name: settings
PRAGMA main.auto_vacuum = INCREMENTAL;
PRAGMA main.journal_mode = WAL;
PRAGMA stamp.journal_mode = WAL;
PRAGMA main.synchronous = FULL;
PRAGMA stamp.synchronous = FULL;
PRAGMA fullfsync = ON;              -- macOS: past the drive's cache as well
PRAGMA wal_autocheckpoint = 256     -- 1 MiB of log goes into the database at once; the reserve has room for that

-- name: shrink
-- Give free pages back to the disk, at most as many as the reserve has room for.
PRAGMA main.incremental_vacuum(256)

-- name: checkpoint
PRAGMA wal_checkpoint(TRUNCATE)

-- name: version
PRAGMA main.user_version

-- name: tables
-- The tables of a new spool.
BEGIN IMMEDIATE;
CREATE TABLE main.runs (
    number INTEGER PRIMARY KEY,
    run TEXT NOT NULL,
    base INTEGER NOT NULL,          -- the id before its event number 1
    last INTEGER NOT NULL           -- the id of its last event
);
CREATE TABLE main.events (
    id INTEGER PRIMARY KEY,
    event BLOB NOT NULL,
    crc INTEGER NOT NULL,           -- SQLite checks its structure, not what stands in it
    withdrawn INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE main.deliveries (      -- apart from the events: an acknowledgement rewrites a page or two, not the events
    id INTEGER PRIMARY KEY,
    acknowledged_at INTEGER         -- Unix seconds; NULL: it waits to be sent
);
CREATE INDEX main.deliveries_by_time ON deliveries (acknowledged_at);
CREATE TABLE main.sources (name TEXT PRIMARY KEY, position INTEGER NOT NULL, digest TEXT NOT NULL);
PRAGMA main.user_version = 1;
COMMIT

-- name: runs
-- The runs, oldest first.
SELECT number, run, base, last FROM runs ORDER BY number

-- name: add_run
INSERT INTO runs (number, run, base, last) VALUES (:number, :run, :base, :last)

-- name: end_run
-- Where a run ends, or the current one has come to.
UPDATE runs SET last = :last WHERE number = :number

-- name: forget_runs
-- Runs that are over and of which the spool holds no event.
DELETE FROM runs
WHERE number < (SELECT max(number) FROM runs)
  AND NOT EXISTS (SELECT 1 FROM deliveries WHERE id > base AND id <= last)

-- name: add_event
INSERT INTO events (id, event, crc) VALUES (?, ?, ?)

-- name: add_delivery
INSERT INTO deliveries (id) VALUES (?)

-- name: save_source
INSERT OR REPLACE INTO sources (name, position, digest) VALUES (?, ?, ?)

-- name: sources
SELECT name, position, digest FROM sources

-- name: waiting
-- The next events to send; the event is NULL where the database lost it.
SELECT deliveries.id, event, crc
FROM deliveries LEFT JOIN events ON events.id = deliveries.id
WHERE acknowledged_at IS NULL
ORDER BY deliveries.id
LIMIT :most

-- name: pending
SELECT count(*) FROM deliveries WHERE acknowledged_at IS NULL

-- name: acknowledge
UPDATE deliveries SET acknowledged_at = :now WHERE id BETWEEN :first AND :last

-- name: forget_events
-- The events acknowledged longest ago; `forget_deliveries` follows with the same parameters.
DELETE FROM events WHERE id IN (
    SELECT id FROM deliveries WHERE acknowledged_at < :before ORDER BY acknowledged_at, id LIMIT :most
)

-- name: forget_deliveries
DELETE FROM deliveries WHERE id IN (
    SELECT id FROM deliveries WHERE acknowledged_at < :before ORDER BY acknowledged_at, id LIMIT :most
)

-- name: pages
PRAGMA main.page_count

-- name: free_pages
PRAGMA main.freelist_count

-- name: page_bytes
PRAGMA main.page_size

-- name: withdrawn
-- Whether an event that waits is a withdrawal already.
SELECT withdrawn FROM events JOIN deliveries USING (id) WHERE id = :id AND acknowledged_at IS NULL

-- name: withdraw
UPDATE events SET event = :event, crc = :crc, withdrawn = 1 WHERE id = :id

-- name: set_back_clock
-- A clock that was ahead must not make what was acknowledged then look new for ever.
UPDATE deliveries SET acknowledged_at = :now WHERE acknowledged_at > :now

-- name: kept_runs
-- The runs of which the spool holds events that were acknowledged before a moment.
SELECT run FROM runs
WHERE EXISTS (SELECT 1 FROM deliveries WHERE id > base AND id <= last AND acknowledged_at < :before)
ORDER BY number

-- name: send_again
UPDATE deliveries SET acknowledged_at = NULL WHERE id BETWEEN :first AND :last AND acknowledged_at < :before

-- name: stamp_table
-- In the second database, outside the spool; a spool that was moved has a new one.
CREATE TABLE IF NOT EXISTS stamp.stamps (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    run TEXT NOT NULL,
    inode TEXT NOT NULL,
    sent_through INTEGER NOT NULL   -- a number of the run
)

-- name: stamp
SELECT run, inode, sent_through FROM stamp.stamps

-- name: save_stamp
INSERT OR REPLACE INTO stamp.stamps (one, run, inode, sent_through) VALUES (1, :run, :inode, :sent_through)
