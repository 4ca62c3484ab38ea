-- name: spend
-- A private chat sends a code: it is that chat's from then on, and nobody else's.
UPDATE app.telegram_codes SET chat_id = %(chat)s, chat_name = %(name)s
WHERE code_hash = %(code_hash)s AND expires_at > now() AND (chat_id IS NULL OR chat_id = %(chat)s)
RETURNING account_id;

-- name: stop
-- A chat that wants to hear no more; also one that has blocked the bot.
DELETE FROM app.telegram_chats WHERE chat_id = %(chat)s RETURNING account_id;
