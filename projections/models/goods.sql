-- Goods as last saved.

-- name: create
-- The table in a new generation, with the indexes that pages read by.
CREATE TABLE goods (
    outlet_id uuid NOT NULL,
    good_id text NOT NULL,
    name text NOT NULL,
    category text NOT NULL,
    max_price numeric,
    barcode text,
    barcodes jsonb NOT NULL,
    extra jsonb NOT NULL,
    removed boolean NOT NULL,
    article text,
    unit text,
    cost numeric,  -- of one unit
    min_stock numeric,
    -- As the name is sorted by, and as a good is searched by.
    folded text COLLATE "pg_c_utf8" GENERATED ALWAYS AS (translate(lower(name COLLATE "pg_c_utf8"), 'ё', 'е')) STORED,
    searched text GENERATED ALWAYS AS (translate(lower((name || ' ' || coalesce(article, '')) COLLATE "pg_c_utf8"), 'ё', 'е')) STORED,
    PRIMARY KEY (outlet_id, good_id)
);
CREATE INDEX goods_by_folded ON goods (outlet_id, folded, good_id) WHERE NOT removed;
CREATE INDEX goods_by_category ON goods (outlet_id, category, good_id) WHERE NOT removed;
CREATE INDEX goods_by_name ON goods (outlet_id, name, good_id) WHERE NOT removed;

-- name: load
-- For the store: the rows of these keys, given as one JSON array, as far as there are any.
SELECT coalesce(json_agg(t), '[]')::text
FROM json_to_recordset(%(keys)s::json) AS k (outlet_id uuid, good_id text)
CROSS JOIN LATERAL (SELECT * FROM goods t WHERE (t.outlet_id, t.good_id) = (k.outlet_id, k.good_id) OFFSET 0) t;

-- name: write
-- For the store: rows as they are now, given as one JSON array; they may be there already.
INSERT INTO goods (
    outlet_id, good_id, name, category, max_price, barcode, barcodes, extra, removed,
    article, unit, cost, min_stock
)
SELECT
    outlet_id, good_id, name, category, max_price, barcode, barcodes, extra, removed,
    article, unit, cost, min_stock
FROM json_populate_recordset(NULL::goods, %(rows)s::json)
ON CONFLICT (outlet_id, good_id) DO UPDATE SET
    name = excluded.name, category = excluded.category, max_price = excluded.max_price,
    barcode = excluded.barcode, barcodes = excluded.barcodes, extra = excluded.extra, removed = excluded.removed,
    article = excluded.article, unit = excluded.unit, cost = excluded.cost, min_stock = excluded.min_stock;

-- name: remove
-- For the removal of an outlet.
DELETE FROM goods WHERE outlet_id = %(outlet)s;
