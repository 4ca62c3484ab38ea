-- The clock by which a person hears: of his digest and his quiet hours. NULL: that of the first outlet he sees.
ALTER TABLE app.hearers ADD COLUMN zone text;
