-- name: hold_register
-- Waits for erasures under way, whose trigger may not have seen this generation's rows.
LOCK TABLE app.forgotten_contacts IN SHARE MODE;

-- name: sweep
UPDATE contacts c SET name = ''
FROM app.forgotten_contacts f
WHERE c.outlet_id = f.outlet_id AND c.contact_id = f.contact_id AND c.name <> '';

-- name: hold_outlets
-- Waits for the deletion of an account under way, which may not have seen this generation.
LOCK TABLE app.erased_outlets IN SHARE MODE;

-- name: sweep_outlets
SELECT app.erase_rows(%(schema_name)s, ARRAY(SELECT outlet_id FROM app.erased_outlets));
