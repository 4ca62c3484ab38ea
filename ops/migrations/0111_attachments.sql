-- A file that goes with a letter, as zip; it goes once the letter is sent or given up.
ALTER TABLE app.messages ADD COLUMN attachment bytea, ADD COLUMN attachment_name text NOT NULL DEFAULT '';
