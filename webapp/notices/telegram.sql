-- name: chat
SELECT chat_name, linked_at FROM app.telegram_chats WHERE account_id = %(account)s AND person_id = %(person)s;

-- name: asked
SELECT code_hash, chat_id, chat_name FROM app.telegram_codes
WHERE account_id = %(account)s AND person_id = %(person)s AND expires_at > now();

-- name: make_code
INSERT INTO app.telegram_codes (account_id, person_id, code_hash, expires_at)
VALUES (%(account)s, %(person)s, %(code_hash)s, now() + %(lifetime)s)
ON CONFLICT (account_id, person_id) DO UPDATE SET
    code_hash = excluded.code_hash, expires_at = excluded.expires_at, chat_id = NULL, chat_name = '';

-- name: confirm
WITH spent AS (
    DELETE FROM app.telegram_codes
    WHERE account_id = %(account)s AND person_id = %(person)s AND chat_id = %(chat)s AND expires_at > now()
    RETURNING account_id, person_id, chat_id, chat_name
)
INSERT INTO app.telegram_chats (account_id, person_id, chat_id, chat_name)
SELECT account_id, person_id, chat_id, chat_name FROM spent
ON CONFLICT (account_id, person_id) DO UPDATE SET
    chat_id = excluded.chat_id, chat_name = excluded.chat_name, linked_at = now();

-- name: forget_code
DELETE FROM app.telegram_codes WHERE account_id = %(account)s AND person_id = %(person)s;

-- name: unlink
DELETE FROM app.telegram_chats WHERE account_id = %(account)s AND person_id = %(person)s;
