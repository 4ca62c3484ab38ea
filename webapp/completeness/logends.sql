-- name: positions
-- For pages that say whether everything is here: how far each partition of the log is folded in.
SELECT partition, next_offset FROM positions;
