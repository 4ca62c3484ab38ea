-- The costs that goods had before the one last saved, one row for each change.

-- name: create
-- The table in a new generation.
CREATE TABLE past_costs (
    outlet_id uuid NOT NULL,
    good_id text NOT NULL,
    applied_no bigint NOT NULL,  -- the turn in which it was saved; it was in force until the next one
    cost numeric NOT NULL,
    PRIMARY KEY (outlet_id, good_id, applied_no)
);

-- name: then
-- For the store: for each of these keys, given as one JSON array, the last row that came before the turn `applied_no`.
SELECT coalesce(json_agg(t), '[]')::text
FROM json_to_recordset(%(keys)s::json) AS k (outlet_id uuid, good_id text, applied_no bigint)
CROSS JOIN LATERAL (
    SELECT p.outlet_id, p.good_id, p.applied_no, p.cost
    FROM past_costs p
    WHERE p.outlet_id = k.outlet_id AND p.good_id = k.good_id AND p.applied_no < k.applied_no
    ORDER BY p.applied_no DESC
    LIMIT 1
) t;

-- name: write
-- For the store: new rows, given as one JSON array.
INSERT INTO past_costs (outlet_id, good_id, applied_no, cost)
SELECT outlet_id, good_id, applied_no, cost
FROM json_populate_recordset(NULL::past_costs, %(rows)s::json);

-- name: copy
-- For a bulk replay: new rows, in COPY's text format.
COPY past_costs (outlet_id, good_id, applied_no, cost) FROM STDIN;

-- name: remove
-- For the removal of an outlet.
DELETE FROM past_costs WHERE outlet_id = %(outlet)s;
