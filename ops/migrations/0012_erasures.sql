-- A contact that asked to be forgotten loses its name in every generation there is, whichever of them learns of it. One
-- that is being built may hold the row at the moment (it would wait for this transaction, and this one for it): such a
-- row is passed over, and the build sweeps all erasures before it is done. What is kept of a named generation's
-- certificate follows the erasure.
CREATE FUNCTION app.erase_contact() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    g record;
BEGIN
    FOR g IN SELECT number, schema_name, state FROM app.generations ORDER BY number LOOP
        EXECUTE format(
            'UPDATE %1$I.contacts SET name = '''' WHERE (outlet_id, contact_id) IN (SELECT outlet_id, contact_id'
            ' FROM %1$I.contacts WHERE outlet_id = $1 AND contact_id = $2 AND name <> '''' FOR UPDATE SKIP LOCKED)',
            g.schema_name) USING NEW.outlet_id, NEW.contact_id;
        IF g.state = 'named' THEN
            UPDATE app.certificates c SET checksum = erased.checksum
            FROM app.checksums(g.schema_name, 'contacts', '{}', NEW.outlet_id) erased
            WHERE c.generation = g.number AND c.projection = 'contacts' AND c.outlet_id = NEW.outlet_id;
        END IF;
    END LOOP;
    RETURN NULL;
END
$$;
CREATE TRIGGER erase_contact AFTER INSERT ON app.forgotten_contacts
    FOR EACH ROW EXECUTE FUNCTION app.erase_contact();
