-- The engine's counter, one row an outlet.

-- name: create
-- The table in a new generation.
CREATE TABLE outlet_totals (
    outlet_id uuid PRIMARY KEY,
    goods integer NOT NULL,
    sales integer NOT NULL,
    data_through timestamptz NOT NULL,
    applied_no bigint NOT NULL  -- events applied so far; numbers them in the order of application
);

-- name: load
-- For the store: the rows of these keys, given as one JSON array, as far as there are any.
SELECT coalesce(json_agg(t), '[]')::text
FROM json_to_recordset(%(keys)s::json) AS k (outlet_id uuid)
CROSS JOIN LATERAL (SELECT * FROM outlet_totals t WHERE t.outlet_id = k.outlet_id OFFSET 0) t;

-- name: write
-- For the store: rows as they are now, given as one JSON array; they may be there already.
INSERT INTO outlet_totals (
    outlet_id, goods, sales, data_through, applied_no
)
SELECT
    outlet_id, goods, sales, data_through, applied_no
FROM json_populate_recordset(NULL::outlet_totals, %(rows)s::json)
ON CONFLICT (outlet_id) DO UPDATE SET
    goods = excluded.goods, sales = excluded.sales, data_through = excluded.data_through,
    applied_no = excluded.applied_no;

-- name: remove
-- For the removal of an outlet.
DELETE FROM outlet_totals WHERE outlet_id = %(outlet)s;
