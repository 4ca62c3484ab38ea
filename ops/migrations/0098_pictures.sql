-- A picture that goes with a message, as PNG.
ALTER TABLE app.messages ADD COLUMN picture bytea;
