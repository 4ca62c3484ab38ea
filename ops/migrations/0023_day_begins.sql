-- The hour at which an outlet's days begin: what happens before it counts to the day before (for bars). Fixed after the
-- first upload, like the zone.
ALTER TABLE app.outlets ADD COLUMN day_begins smallint NOT NULL DEFAULT 0 CHECK (day_begins BETWEEN 0 AND 12);
