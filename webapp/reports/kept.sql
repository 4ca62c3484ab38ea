-- name: kept_reports
SELECT number, name, until FROM app.kept_reports();

-- name: later_days
SELECT outlet_id, day, sales_then, sales_now, revenue_then, revenue_now
FROM app.later_days(%(kept)s, %(outlets)s::uuid[], %(firsts)s::date[], %(lasts)s::date[]);

-- name: later_receipts
SELECT
    log_offset, till_id, coalesce(t.name, '') AS till, run, l.seq, l.kind, l.id, l.sale_id, l.number, l.at, l.was,
    l.becomes, l.received_at
FROM app.later_receipts(%(kept)s, %(outlet)s, %(day)s) l
LEFT JOIN app.tills t USING (till_id)
ORDER BY log_offset, till_id, run, l.seq;
