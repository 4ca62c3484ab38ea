-- name: daily
INSERT INTO daily
SELECT * FROM unnest(%s::uuid[], %s::date[], %s::int[], %s::int[], %s::numeric[], %s::numeric[], %s::numeric[])
ON CONFLICT (outlet_id, day) DO UPDATE SET
    sales = daily.sales + excluded.sales, returns = daily.returns + excluded.returns,
    goods_sum = daily.goods_sum + excluded.goods_sum, discount_sum = daily.discount_sum + excluded.discount_sum,
    returns_sum = daily.returns_sum + excluded.returns_sum;

-- name: payments
INSERT INTO payments
SELECT * FROM unnest(%s::uuid[], %s::date[], %s::text[], %s::numeric[], %s::int[], %s::int[])
ON CONFLICT (outlet_id, day, method) DO UPDATE SET
    amount = payments.amount + excluded.amount, count = payments.count + excluded.count,
    refunds = payments.refunds + excluded.refunds;

-- name: stock
INSERT INTO stock
SELECT * FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::numeric[])
ON CONFLICT (outlet_id, good_id, warehouse_id) DO UPDATE SET quantity = stock.quantity + excluded.quantity;

-- name: sales
INSERT INTO sales
SELECT * FROM unnest(
    %s::uuid[], %s::text[], %s::uuid[], %s::text[], %s::timestamptz[], %s::date[], %s::int[], %s::numeric[],
    %s::numeric[], %s::numeric[], %s::numeric[], %s::jsonb[], %s::jsonb[]
)
ON CONFLICT (outlet_id, sale_id, till_id) DO NOTHING;

-- name: start
SELECT partition, next_offset FROM positions;

-- name: hold
SELECT next_offset FROM positions WHERE partition = %s FOR UPDATE;

-- name: move
INSERT INTO positions VALUES (%s, %s) ON CONFLICT (partition) DO UPDATE SET next_offset = excluded.next_offset;
