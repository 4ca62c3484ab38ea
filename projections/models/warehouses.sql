-- Warehouses as last saved.

-- name: create
-- The table in a new generation.
CREATE TABLE warehouses (
    outlet_id uuid NOT NULL,
    warehouse_id text NOT NULL,
    name text NOT NULL,
    PRIMARY KEY (outlet_id, warehouse_id)
);

-- name: write
-- For the store: rows as they are now, given as one JSON array; they may be there already.
INSERT INTO warehouses (
    outlet_id, warehouse_id, name
)
SELECT
    outlet_id, warehouse_id, name
FROM json_populate_recordset(NULL::warehouses, %(rows)s::json)
ON CONFLICT (outlet_id, warehouse_id) DO UPDATE SET
    name = excluded.name;

-- name: remove
-- For the removal of an outlet.
DELETE FROM warehouses WHERE outlet_id = %(outlet)s;
