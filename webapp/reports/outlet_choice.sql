-- name: remember_outlet
UPDATE app.sessions SET outlet_id = %(outlet)s WHERE session_hash = %(session)s;
