-- name: outlet
SELECT FROM app.outlets WHERE outlet_id = %(outlet)s;

-- name: send
INSERT INTO app.outbox (outlet_id, record) VALUES (%(outlet)s, %(record)s);

-- name: wake
NOTIFY weboffice_outbox;
