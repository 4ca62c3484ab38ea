-- name: remember_outlet
UPDATE app.sessions SET outlet_id = %(outlet)s, outlet_group = %(group)s WHERE session_hash = %(session)s;
