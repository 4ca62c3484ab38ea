-- Whom an answer to a letter goes to: the owner who asks, where the letter goes to the service's support. "" for nobody.
ALTER TABLE app.mail ADD COLUMN reply_to text NOT NULL DEFAULT '';
