-- name: send
INSERT INTO app.outbox (outlet_id, record) VALUES (%(outlet)s, %(record)s);

-- name: wake
NOTIFY weboffice_outbox;
