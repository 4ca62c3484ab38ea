-- Backups that came to their end, so that their age can be told, and how far a restore into this database has come: one that
-- was killed goes on. Neither is in a backup.
CREATE TABLE app.backups (
    backup_id uuid NOT NULL,
    taken_at timestamptz NOT NULL,
    finished_at timestamptz NOT NULL DEFAULT now(),
    records bigint NOT NULL,  -- of `events` that it holds
    PRIMARY KEY (backup_id, taken_at)
);
CREATE TABLE app.restores (
    backup_id uuid NOT NULL,
    taken_at timestamptz NOT NULL,
    partitions integer NOT NULL,
    begun_at timestamptz NOT NULL DEFAULT now(),
    records_at timestamptz,   -- all records are in the log
    accounts_at timestamptz,  -- all account data is here
    finished_at timestamptz,  -- verified
    PRIMARY KEY (backup_id, taken_at)
);
