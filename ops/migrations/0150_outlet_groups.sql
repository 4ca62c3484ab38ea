-- Groups of outlets, as their owner names them: a city, a kind of shop. An outlet stands in several, or in none.
ALTER TABLE app.outlets ADD COLUMN groups text[] NOT NULL DEFAULT '{}';

-- The group chosen last, where it is one and not an outlet.
ALTER TABLE app.sessions ADD COLUMN outlet_group text;
