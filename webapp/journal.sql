-- name: note
INSERT INTO app.journal (account_id, action, subject, address, device)
VALUES (%(account_id)s, %(action)s, %(subject)s, %(address)s, %(device)s);
