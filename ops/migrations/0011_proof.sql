-- Comparing two generations and certifying one go by the catalogue, not by lists of columns: a read model or a column
-- that is added later is compared and certified without anybody having to think of it.

-- The columns of a table that count: all but generated ones and those named in `ignored`, unless part of the key.
CREATE FUNCTION app.business_columns(relation regclass, ignored text[]) RETURNS TABLE (
    name text, type regtype, in_key boolean
) LANGUAGE sql STABLE AS $$
    SELECT a.attname::text, a.atttypid::regtype, coalesce(a.attnum = ANY (i.indkey), false)
    FROM pg_attribute a LEFT JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary
    WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
        AND (a.attname <> ALL (ignored) OR a.attnum = ANY (i.indkey))
    ORDER BY a.attnum
$$;

-- The rows of a table that differ between the schemas `was` and `becomes`, by primary key, at most `most` of them, each
-- with the number of all. `since` narrows it to its outlets (outlet id → offset), and there to documents read from that
-- offset of the log on; NULL compares everything.
CREATE FUNCTION app.differences(
    was name, becomes name, relation name, ignored text[], since jsonb, most integer
) RETURNS TABLE (total bigint, was_row jsonb, new_row jsonb) LANGUAGE plpgsql STABLE AS $$
DECLARE
    old_table regclass := format('%I.%I', was, relation)::regclass;
    new_table regclass := format('%I.%I', becomes, relation)::regclass;
    columns text;
    same_key text;
    in_scope text := 'true';
    documents boolean;
BEGIN
    SELECT string_agg(format('%I', n.name), ', '),
        string_agg(format('w.%1$I = n.%1$I', n.name), ' AND ') FILTER (WHERE n.in_key)
    INTO columns, same_key
    FROM app.business_columns(new_table, ignored) n JOIN app.business_columns(old_table, ignored) o USING (name);
    SELECT count(*) = 2 INTO documents
    FROM pg_attribute WHERE attrelid = new_table AND attname IN ('log_offset', 'applied_no');
    IF since IS NOT NULL THEN
        in_scope := CASE WHEN documents THEN 'log_offset >= ($1 ->> outlet_id::text)::bigint'
            ELSE '$1 ? outlet_id::text' END;
    END IF;
    RETURN QUERY EXECUTE format(
        'SELECT count(*) OVER (), to_jsonb(w), to_jsonb(n)'
        ' FROM (SELECT %1$s FROM %2$s WHERE %5$s) w FULL JOIN (SELECT %1$s FROM %3$s WHERE %5$s) n ON %4$s'
        ' WHERE ROW(w.*) IS DISTINCT FROM ROW(n.*) LIMIT $2',
        columns, old_table, new_table, same_key, in_scope) USING since, most;
END
$$;

-- Per outlet and day (NULL where the table has none) the number of rows and a checksum of their business columns that
-- does not depend on their order: the SHA-256 of the rows' own SHA-256, sorted. Numbers count by value, not by scale.
-- `only_outlet` narrows it to one.
CREATE FUNCTION app.checksums(of_schema name, relation name, ignored text[], only_outlet uuid DEFAULT NULL) RETURNS TABLE (
    outlet_id uuid, day date, rows bigint, checksum text
) LANGUAGE plpgsql STABLE SET timezone = 'UTC' SET datestyle = 'ISO' AS $$
DECLARE
    of_table regclass := format('%I.%I', of_schema, relation)::regclass;
    columns text;
    days text;
BEGIN
    SELECT string_agg(format(CASE WHEN type = 'numeric'::regtype THEN 'trim_scale(%I)' ELSE '%I' END, name), ', '),
        CASE WHEN bool_or(name = 'day') THEN 'day' ELSE 'NULL::date' END
    INTO columns, days
    FROM app.business_columns(of_table, ignored);
    RETURN QUERY EXECUTE format(
        'SELECT r.outlet_id, r.day, count(*), encode(sha256(string_agg(r.h, ''''::bytea ORDER BY r.h)), ''hex'')'
        ' FROM (SELECT outlet_id, %1$s AS day, sha256(convert_to(ROW(%2$s)::text, ''UTF8'')) AS h FROM %3$s'
        ' WHERE $1 IS NULL OR outlet_id = $1) r'
        ' GROUP BY r.outlet_id, r.day',
        days, columns, of_table) USING only_outlet;
END
$$;
