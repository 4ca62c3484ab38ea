-- name: invoices
SELECT i.number, i.created_at, i.months, i.amount, i.currency,
    (SELECT count(*) FROM app.invoice_lines l WHERE l.number = i.number),
    CASE WHEN i.paid_at IS NOT NULL THEN 'paid' WHEN i.cancelled_at IS NOT NULL THEN 'cancelled' ELSE 'open' END
FROM app.invoices i
WHERE NOT %(only_open)s OR (i.paid_at IS NULL AND i.cancelled_at IS NULL)
ORDER BY i.number DESC;

-- name: pay
SELECT app.pay_invoice(%(number)s, NULL, NULL, 'operator');

-- name: set_price
INSERT INTO app.prices (months, price) VALUES (%(months)s, %(price)s)
ON CONFLICT (months) DO UPDATE SET price = excluded.price;

-- name: drop_price
DELETE FROM app.prices WHERE months = %(months)s;

-- name: set_seller
UPDATE app.seller SET
    name = %(name)s, details = %(details)s, inn = %(inn)s, kpp = %(kpp)s, bank = %(bank)s, bik = %(bik)s,
    account = %(account)s, correspondent = %(correspondent)s, vat_percent = %(vat_percent)s;

-- name: notices
SELECT provider, notice_id, number, amount, currency, received_at, outcome FROM app.payment_notices
WHERE outcome <> 'paid' ORDER BY received_at DESC;
