-- name: runs
SELECT outlet_id::text, till_id::text, run::text FROM runs;

-- name: documents
-- The receipts, moves and waiting uploads that came under one of the numbers given, as the rows have them: for whoever
-- exports what the log lost.
WITH lost AS (
    SELECT * FROM json_to_recordset(%(spans)s::json)
    AS s (outlet_id uuid, till_id uuid, run uuid, first_seq bigint, last_seq bigint)
)
SELECT 'sale' AS kind, d.outlet_id::text, d.till_id::text, d.run::text, d.seq, d.seq, to_jsonb(d)::text
FROM sales_listed d JOIN lost l ON (d.outlet_id, d.till_id, d.run) = (l.outlet_id, l.till_id, l.run)
    AND d.seq BETWEEN l.first_seq AND l.last_seq
UNION ALL
SELECT 'return', d.outlet_id::text, d.till_id::text, d.run::text, d.seq, d.seq, to_jsonb(d)::text
FROM returns_listed d JOIN lost l ON (d.outlet_id, d.till_id, d.run) = (l.outlet_id, l.till_id, l.run)
    AND d.seq BETWEEN l.first_seq AND l.last_seq
UNION ALL
SELECT 'move', d.outlet_id::text, d.till_id::text, d.run::text, d.seq, d.seq, to_jsonb(d)::text
FROM moves d JOIN lost l ON (d.outlet_id, d.till_id, d.run) = (l.outlet_id, l.till_id, l.run)
    AND d.seq BETWEEN l.first_seq AND l.last_seq
UNION ALL
SELECT 'upload', d.outlet_id::text, d.till_id::text, d.run::text, d.first_seq, d.last_seq,
    convert_from(d.record, 'UTF8')
FROM parked d JOIN lost l ON (d.outlet_id, d.till_id, d.run) = (l.outlet_id, l.till_id, l.run)
    AND d.first_seq <= l.last_seq AND d.last_seq >= l.first_seq;

-- name: documents_of
-- The same of one table ({table}) more, which generations of an earlier release may lack.
SELECT {kind}, d.outlet_id::text, d.till_id::text, d.run::text, d.seq, d.seq, to_jsonb(d)::text
FROM {table} d JOIN json_to_recordset(%(spans)s::json)
    AS l (outlet_id uuid, till_id uuid, run uuid, first_seq bigint, last_seq bigint)
    ON (d.outlet_id, d.till_id, d.run) = (l.outlet_id, l.till_id, l.run) AND d.seq BETWEEN l.first_seq AND l.last_seq;

-- name: there
SELECT name FROM unnest(%(tables)s::text[]) AS name WHERE to_regclass(name) IS NOT NULL;
