-- name: terms
SELECT o.outlet_id, o.name, o.zone, a.trial_until, l.valid_until
FROM app.outlets o JOIN app.accounts a USING (account_id) LEFT JOIN app.licences l USING (outlet_id)
WHERE o.account_id = %(account_id)s AND o.removed_at IS NULL AND NOT o.test
ORDER BY lower(o.name COLLATE "pg_c_utf8"), o.outlet_id;

-- name: prices
SELECT months, price FROM app.prices ORDER BY months;

-- name: seller
SELECT name, details, inn, kpp, bank, bik, account, correspondent, vat_percent FROM app.seller;

-- name: zone
-- By whose clock an invoice of the account is dated: that of its first outlet.
SELECT coalesce(
    (SELECT o.zone FROM app.outlets o WHERE o.account_id = %(account_id)s AND o.removed_at IS NULL
     ORDER BY o.created_at LIMIT 1), 'Europe/Moscow');

-- name: add_invoice
INSERT INTO app.invoices (account_id, months, amount, payer)
VALUES (%(account_id)s, %(months)s, %(amount)s, %(payer)s)
RETURNING number;

-- name: add_lines
INSERT INTO app.invoice_lines (number, outlet_id, outlet_name, price)
SELECT %(number)s, o.outlet_id, o.name, %(price)s FROM app.outlets o WHERE o.outlet_id = ANY (%(outlets)s);

-- name: invoices
SELECT i.number, i.months, i.amount, i.currency, i.payer, i.created_at, i.paid_at, i.cancelled_at
FROM app.invoices i WHERE i.account_id = %(account_id)s ORDER BY i.number DESC LIMIT 200;

-- name: invoice
SELECT i.number, i.months, i.amount, i.currency, i.payer, i.created_at, i.paid_at, i.cancelled_at
FROM app.invoices i WHERE i.account_id = %(account_id)s AND i.number = %(number)s;

-- name: lines
SELECT outlet_name, price, valid_from, valid_until FROM app.invoice_lines
WHERE number = %(number)s ORDER BY outlet_name, outlet_id;

-- name: cancel
UPDATE app.invoices SET cancelled_at = now()
WHERE account_id = %(account_id)s AND number = %(number)s AND paid_at IS NULL AND cancelled_at IS NULL
RETURNING number;

-- name: notice
SELECT outcome FROM app.payment_notices WHERE provider = %(provider)s AND notice_id = %(notice_id)s;

-- name: pay
SELECT app.pay_invoice(%(number)s, %(amount)s, %(currency)s, %(provider)s);

-- name: keep_notice
INSERT INTO app.payment_notices (provider, notice_id, number, amount, currency, outcome)
VALUES (%(provider)s, %(notice_id)s, %(number)s, %(amount)s, %(currency)s, %(outcome)s)
ON CONFLICT (provider, notice_id) DO NOTHING;
