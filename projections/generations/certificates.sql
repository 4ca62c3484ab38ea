-- name: forget_old
DELETE FROM app.certificates WHERE generation = %(generation)s
    AND (%(outlets)s::uuid[] IS NULL OR outlet_id = ANY (%(outlets)s::uuid[]));

-- name: store
INSERT INTO app.certificates (generation, projection, outlet_id, day, rows, checksum, offsets, fold_version)
SELECT %(generation)s, %(projection)s, c.outlet_id, c.day, c.rows, c.checksum, %(offsets)s::jsonb, %(fold_version)s
FROM app.checksums(%(schema_name)s, %(projection)s, %(ignored)s) c
WHERE %(outlets)s::uuid[] IS NULL OR c.outlet_id = ANY (%(outlets)s::uuid[]);

-- name: stored
SELECT projection, outlet_id::text, day, rows, checksum FROM app.certificates
WHERE generation = %(generation)s ORDER BY projection, outlet_id, day;

-- name: broken
-- Certificates that no longer hold for a projection's rows: kept and counted rows, NULL where there is no such side.
SELECT coalesce(c.outlet_id, n.outlet_id)::text, coalesce(c.day, n.day), c.rows, n.rows
FROM (SELECT * FROM app.certificates WHERE generation = %(generation)s AND projection = %(projection)s) c
FULL JOIN app.checksums(%(schema_name)s, %(projection)s, %(ignored)s) n
    ON c.outlet_id = n.outlet_id AND coalesce(c.day, 'infinity') = coalesce(n.day, 'infinity')
WHERE c.checksum IS DISTINCT FROM n.checksum
ORDER BY 1, 2;
