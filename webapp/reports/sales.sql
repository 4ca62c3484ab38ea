-- name: contact_name
-- For the list of a contact's receipts: who that is.
SELECT nullif(name, '') FROM contacts
WHERE outlet_id = ANY (%(outlets)s) AND contact_id = %(contact)s
ORDER BY outlet_id LIMIT 1;

-- name: good_name
SELECT name FROM goods WHERE outlet_id = ANY (%(outlets)s) AND good_id = %(good)s ORDER BY outlet_id LIMIT 1;

-- name: cashier_name
-- For the list of a cashier's receipts: the latest name under that id.
SELECT c.cashier
FROM unnest(%(outlets)s::uuid[]) AS o (outlet_id)
CROSS JOIN LATERAL (
    SELECT cashier, day
    FROM cashiers c
    WHERE c.outlet_id = o.outlet_id AND c.cashier_id = %(cashier)s AND c.cashier <> ''
    ORDER BY c.day DESC
    LIMIT 1
) c
ORDER BY c.day DESC
LIMIT 1;

-- name: shift_number
-- For the list of a shift's receipts: its number.
SELECT number FROM shift_openings WHERE outlet_id = ANY (%(outlets)s) AND shift_id = %(shift)s
UNION ALL
SELECT number FROM shift_closings WHERE outlet_id = ANY (%(outlets)s) AND shift_id = %(shift)s
LIMIT 1;
