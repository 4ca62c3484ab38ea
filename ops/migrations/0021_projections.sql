-- The projections that a generation was made with, each with its version: a worker folds into it only what it has, and a
-- page that needs another one says so. Generations made by 0.1.0, those that a process of it still makes included, have
-- what is the default here.
ALTER TABLE app.generations ADD COLUMN projections jsonb NOT NULL DEFAULT
    '{"outlet_totals": 1, "daily": 1, "hourly": 1, "payments": 1, "sales": 1, "returns": 1, "moves": 1, "goods": 1,'
    ' "warehouses": 1, "stock": 1, "contacts": 1}';
