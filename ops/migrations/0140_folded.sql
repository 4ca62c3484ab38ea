-- Names of goods and contacts as they are sorted and searched by: lower case, ё as е; `searched` is a good's name and article.
-- Generated, so that no row and no certificate changes. Every generation gets them, also kept reports: pages read them alike.
DO $$
DECLARE
    generation name;
    searched text;
BEGIN
    FOR generation IN SELECT schema_name FROM app.generations ORDER BY number LOOP
        searched := CASE WHEN EXISTS (
            SELECT FROM information_schema.columns
            WHERE table_schema = generation AND table_name = 'goods' AND column_name = 'article'
        ) THEN 'name || '' '' || coalesce(article, '''')' ELSE 'name || '' ''' END;
        EXECUTE format(
            'ALTER TABLE %I.goods'
            ' ADD COLUMN folded text COLLATE "pg_c_utf8" GENERATED ALWAYS AS (translate(lower(name COLLATE "pg_c_utf8"), ''ё'', ''е'')) STORED,'
            ' ADD COLUMN searched text GENERATED ALWAYS AS (translate(lower((%s) COLLATE "pg_c_utf8"), ''ё'', ''е'')) STORED',
            generation, searched);
        EXECUTE format('CREATE INDEX goods_by_folded ON %I.goods (outlet_id, folded, good_id) WHERE NOT removed', generation);
        EXECUTE format(
            'ALTER TABLE %I.contacts'
            ' ADD COLUMN folded text COLLATE "pg_c_utf8" GENERATED ALWAYS AS (translate(lower(name COLLATE "pg_c_utf8"), ''ё'', ''е'')) STORED',
            generation);
    END LOOP;
END
$$;
