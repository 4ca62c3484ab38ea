-- name: outlet
-- Whether there is such an outlet.
SELECT FROM app.outlets WHERE outlet_id = %(outlet)s;

-- name: contact
-- Whether the outlet has, or had, a contact of this id.
SELECT FROM contacts WHERE outlet_id = %(outlet)s AND contact_id = %(contact)s;
