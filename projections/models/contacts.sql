-- Contacts as last saved.

-- name: create
-- The table in a new generation, with the indexes that pages read by.
CREATE TABLE contacts (
    outlet_id uuid NOT NULL,
    contact_id text NOT NULL,
    name text NOT NULL,  -- «Фамилия И.О.»; empty once forgotten
    purchases_total numeric NOT NULL,
    debt numeric NOT NULL,
    points numeric NOT NULL,
    removed boolean NOT NULL,
    folded text COLLATE "pg_c_utf8" GENERATED ALWAYS AS (translate(lower(name COLLATE "pg_c_utf8"), 'ё', 'е')) STORED,  -- as it is sorted by
    PRIMARY KEY (outlet_id, contact_id)
);
CREATE INDEX contacts_by_name ON contacts (outlet_id, name, contact_id) WHERE NOT removed;

-- name: load
-- For the store: the rows of these keys, given as one JSON array, as far as there are any.
SELECT coalesce(json_agg(t), '[]')::text
FROM json_to_recordset(%(keys)s::json) AS k (outlet_id uuid, contact_id text)
CROSS JOIN LATERAL (
    SELECT * FROM contacts t
    WHERE (t.outlet_id, t.contact_id) = (k.outlet_id, k.contact_id)
    OFFSET 0
) t;

-- name: write
-- For the store: rows as they are now, given as one JSON array; they may be there already.
INSERT INTO contacts (
    outlet_id, contact_id, name, purchases_total, debt, points, removed
)
SELECT
    outlet_id, contact_id, name, purchases_total, debt, points, removed
FROM json_populate_recordset(NULL::contacts, %(rows)s::json)
ON CONFLICT (outlet_id, contact_id) DO UPDATE SET
    name = excluded.name, purchases_total = excluded.purchases_total, debt = excluded.debt,
    points = excluded.points, removed = excluded.removed;

-- name: remove
-- For the removal of an outlet.
DELETE FROM contacts WHERE outlet_id = %(outlet)s;
