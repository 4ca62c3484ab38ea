-- Goods by their groups: the choice of a group on the list of goods read all of them, and so did a group. Every generation gets
-- the index, also kept reports: pages read them alike.
DO $$
DECLARE
    generation name;
BEGIN
    FOR generation IN SELECT schema_name FROM app.generations ORDER BY number LOOP
        EXECUTE format('CREATE INDEX goods_by_category ON %I.goods (outlet_id, category, good_id) WHERE NOT removed', generation);
    END LOOP;
END
$$;
