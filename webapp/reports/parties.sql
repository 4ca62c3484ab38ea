-- name: parties
-- How receipts were paid, by whom, to whom, at which till; a return's money is negative.
SELECT
    k.kind, k.outlet_id, k.id, k.till_id, d.payments, d.change, d.cashier,
    coalesce(c.name, d.contact_id), coalesce(t.name, '')
FROM unnest(%(kinds)s::text[], %(outlets)s::uuid[], %(ids)s::text[], %(tills)s::uuid[])
    AS k (kind, outlet_id, id, till_id)
CROSS JOIN LATERAL (
    SELECT s.payments, s.change, s.cashier, s.contact_id
    FROM sales_listed s
    WHERE k.kind = 'sale' AND s.outlet_id = k.outlet_id AND s.sale_id = k.id AND s.till_id = k.till_id
    UNION ALL
    SELECT
        (
            SELECT coalesce(
                jsonb_agg(jsonb_build_object('method', f ->> 'method', 'amount', (-(f ->> 'amount')::numeric)::text)), '[]'
            )
            FROM jsonb_array_elements(r.refunds) f
        ),
        0, (SELECT (SELECT cashier FROM (SELECT r.*) AS own) FROM (SELECT NULL::text AS cashier) AS absent), NULL
    FROM returns_listed r
    WHERE k.kind = 'return' AND r.outlet_id = k.outlet_id AND r.return_id = k.id AND r.till_id = k.till_id
) d
LEFT JOIN contacts c ON c.outlet_id = k.outlet_id AND c.contact_id = d.contact_id
LEFT JOIN app.tills t ON t.till_id = k.till_id;
