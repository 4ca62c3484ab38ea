-- Contacts that asked to be forgotten: a table outside the generations (`ops/migrations/`).

-- name: load
-- For the store: the rows of these keys, given as one JSON array, as far as there are any.
SELECT coalesce(json_agg(t), '[]')::text
FROM json_to_recordset(%(keys)s::json) AS k (outlet_id uuid, contact_id text)
CROSS JOIN LATERAL (
    SELECT * FROM app.forgotten_contacts t WHERE (t.outlet_id, t.contact_id) = (k.outlet_id, k.contact_id) OFFSET 0
) t;

-- name: write
-- For the store: requests to forget, given as one JSON array; the first one of a contact stays.
INSERT INTO app.forgotten_contacts (outlet_id, contact_id, decided_at)
SELECT outlet_id, contact_id, now()
FROM json_to_recordset(%(rows)s::json) AS r (outlet_id uuid, contact_id text)
ON CONFLICT (outlet_id, contact_id) DO NOTHING;
