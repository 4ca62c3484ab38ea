-- name: through
-- For taking note: through which number of each run refusals are there.
SELECT till_id, run, max(seq) FROM refusals WHERE outlet_id = %(outlet)s GROUP BY till_id, run;

-- name: take_note
INSERT INTO app.seen_refusals (outlet_id, till_id, run, through)
VALUES (%(outlet)s, %(till)s, %(run)s, %(through)s)
ON CONFLICT (outlet_id, till_id, run) DO UPDATE
SET through = greatest(app.seen_refusals.through, excluded.through), seen_at = now();
