-- The cost of each good as last saved.

-- name: create
-- The table in a new generation.
CREATE TABLE costs (
    outlet_id uuid NOT NULL,
    good_id text NOT NULL,
    applied_no bigint NOT NULL,  -- the turn in which it was saved
    cost numeric NOT NULL,
    PRIMARY KEY (outlet_id, good_id)
);

-- name: load
-- For the store: the rows of these keys, given as one JSON array, as far as there are any.
SELECT coalesce(json_agg(t), '[]')::text
FROM json_to_recordset(%(keys)s::json) AS k (outlet_id uuid, good_id text)
CROSS JOIN LATERAL (SELECT * FROM costs t WHERE (t.outlet_id, t.good_id) = (k.outlet_id, k.good_id) OFFSET 0) t;

-- name: write
-- For the store: rows as they are now, given as one JSON array; they may be there already.
INSERT INTO costs (outlet_id, good_id, applied_no, cost)
SELECT outlet_id, good_id, applied_no, cost
FROM json_populate_recordset(NULL::costs, %(rows)s::json)
ON CONFLICT (outlet_id, good_id) DO UPDATE SET applied_no = excluded.applied_no, cost = excluded.cost;

-- name: copy
-- For a bulk replay: new rows, certainly not there, in COPY's text format.
COPY costs (outlet_id, good_id, applied_no, cost) FROM STDIN;

-- name: remove
-- For the removal of an outlet.
DELETE FROM costs WHERE outlet_id = %(outlet)s;
