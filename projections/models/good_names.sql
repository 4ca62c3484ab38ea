-- The names under which goods were sold last.

-- name: create
-- The table in a new generation.
CREATE TABLE good_names (
    outlet_id uuid NOT NULL,
    good_id text NOT NULL,
    name text NOT NULL,
    PRIMARY KEY (outlet_id, good_id)
);

-- name: load
-- For the store: the rows of these keys, given as one JSON array, as far as there are any.
SELECT coalesce(json_agg(t), '[]')::text
FROM json_to_recordset(%(keys)s::json) AS k (outlet_id uuid, good_id text)
CROSS JOIN LATERAL (SELECT * FROM good_names t WHERE (t.outlet_id, t.good_id) = (k.outlet_id, k.good_id) OFFSET 0) t;

-- name: write
-- For the store: rows as they are now, given as one JSON array; they may be there already.
INSERT INTO good_names (outlet_id, good_id, name)
SELECT outlet_id, good_id, name
FROM json_populate_recordset(NULL::good_names, %(rows)s::json)
ON CONFLICT (outlet_id, good_id) DO UPDATE SET name = excluded.name;

-- name: copy
-- For a bulk replay: new rows, certainly not there, in COPY's text format.
COPY good_names (outlet_id, good_id, name) FROM STDIN;

-- name: remove
-- For the removal of an outlet.
DELETE FROM good_names WHERE outlet_id = %(outlet)s;
