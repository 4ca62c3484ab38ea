-- daily: create
CREATE TABLE "daily" (
    "outlet_id" uuid NOT NULL,
    "day" date NOT NULL,
    "sales" integer NOT NULL,
    "returns" integer NOT NULL,
    "goods_sum" numeric NOT NULL,
    "discount_sum" numeric NOT NULL,
    "returns_sum" numeric NOT NULL,
    "revenue" numeric NOT NULL,
    "unreconciled" integer NOT NULL,
    "tax_sum" numeric NOT NULL,
    "advances_sum" numeric NOT NULL,
    "tips_sum" numeric NOT NULL,
    "debts_sum" numeric NOT NULL,
    "cost_sum" numeric NOT NULL,
    "cost_known_sum" numeric NOT NULL,
    "voided" integer NOT NULL,
    PRIMARY KEY ("outlet_id", "day")
);

-- daily: add
INSERT INTO "daily" AS stored ("outlet_id", "day", "sales", "returns", "goods_sum", "discount_sum", "returns_sum", "revenue", "unreconciled", "tax_sum", "advances_sum", "tips_sum", "debts_sum", "cost_sum", "cost_known_sum", "voided")
SELECT "outlet_id", "day", "sales", "returns", "goods_sum", "discount_sum", "returns_sum", "revenue", "unreconciled", "tax_sum", "advances_sum", "tips_sum", "debts_sum", "cost_sum", "cost_known_sum", "voided" FROM json_populate_recordset(NULL::"daily", %(rows)s::json)
ON CONFLICT ("outlet_id", "day") DO UPDATE SET
    "sales" = stored."sales" + excluded."sales",
    "returns" = stored."returns" + excluded."returns",
    "goods_sum" = stored."goods_sum" + excluded."goods_sum",
    "discount_sum" = stored."discount_sum" + excluded."discount_sum",
    "returns_sum" = stored."returns_sum" + excluded."returns_sum",
    "revenue" = stored."revenue" + excluded."revenue",
    "unreconciled" = stored."unreconciled" + excluded."unreconciled",
    "tax_sum" = stored."tax_sum" + excluded."tax_sum",
    "advances_sum" = stored."advances_sum" + excluded."advances_sum",
    "tips_sum" = stored."tips_sum" + excluded."tips_sum",
    "debts_sum" = stored."debts_sum" + excluded."debts_sum",
    "cost_sum" = stored."cost_sum" + excluded."cost_sum",
    "cost_known_sum" = stored."cost_known_sum" + excluded."cost_known_sum",
    "voided" = stored."voided" + excluded."voided";

-- daily: copy
COPY "daily" ("outlet_id", "day", "sales", "returns", "goods_sum", "discount_sum", "returns_sum", "revenue", "unreconciled", "tax_sum", "advances_sum", "tips_sum", "debts_sum", "cost_sum", "cost_known_sum", "voided") FROM STDIN;

-- daily: remove
DELETE FROM "daily" WHERE "outlet_id" = %(outlet)s;

-- hourly: create
CREATE TABLE "hourly" (
    "outlet_id" uuid NOT NULL,
    "day" date NOT NULL,
    "hour" smallint NOT NULL,
    "sales" integer NOT NULL,
    "revenue" numeric NOT NULL,
    PRIMARY KEY ("outlet_id", "day", "hour")
);

-- hourly: add
INSERT INTO "hourly" AS stored ("outlet_id", "day", "hour", "sales", "revenue")
SELECT "outlet_id", "day", "hour", "sales", "revenue" FROM json_populate_recordset(NULL::"hourly", %(rows)s::json)
ON CONFLICT ("outlet_id", "day", "hour") DO UPDATE SET
    "sales" = stored."sales" + excluded."sales",
    "revenue" = stored."revenue" + excluded."revenue";

-- hourly: copy
COPY "hourly" ("outlet_id", "day", "hour", "sales", "revenue") FROM STDIN;

-- hourly: remove
DELETE FROM "hourly" WHERE "outlet_id" = %(outlet)s;

-- payments: create
CREATE TABLE "payments" (
    "outlet_id" uuid NOT NULL,
    "day" date NOT NULL,
    "method" text NOT NULL,
    "amount" numeric NOT NULL,
    "count" integer NOT NULL,
    "refunds" integer NOT NULL,
    PRIMARY KEY ("outlet_id", "day", "method")
);

-- payments: add
INSERT INTO "payments" AS stored ("outlet_id", "day", "method", "amount", "count", "refunds")
SELECT "outlet_id", "day", "method", "amount", "count", "refunds" FROM json_populate_recordset(NULL::"payments", %(rows)s::json)
ON CONFLICT ("outlet_id", "day", "method") DO UPDATE SET
    "amount" = stored."amount" + excluded."amount",
    "count" = stored."count" + excluded."count",
    "refunds" = stored."refunds" + excluded."refunds";

-- payments: copy
COPY "payments" ("outlet_id", "day", "method", "amount", "count", "refunds") FROM STDIN;

-- payments: remove
DELETE FROM "payments" WHERE "outlet_id" = %(outlet)s;

-- sold: create
CREATE TABLE "sold" (
    "outlet_id" uuid NOT NULL,
    "day" date NOT NULL,
    "good_id" text NOT NULL,
    "quantity" numeric NOT NULL,
    "revenue" numeric NOT NULL,
    "cost_sum" numeric NOT NULL,
    "cost_known_sum" numeric NOT NULL,
    "returned_quantity" numeric NOT NULL,
    "returned_sum" numeric NOT NULL,
    "returned_cost_sum" numeric NOT NULL,
    "returned_cost_known_sum" numeric NOT NULL,
    PRIMARY KEY ("outlet_id", "day", "good_id")
);

-- sold: add
INSERT INTO "sold" AS stored ("outlet_id", "day", "good_id", "quantity", "revenue", "cost_sum", "cost_known_sum", "returned_quantity", "returned_sum", "returned_cost_sum", "returned_cost_known_sum")
SELECT "outlet_id", "day", "good_id", "quantity", "revenue", "cost_sum", "cost_known_sum", "returned_quantity", "returned_sum", "returned_cost_sum", "returned_cost_known_sum" FROM json_populate_recordset(NULL::"sold", %(rows)s::json)
ON CONFLICT ("outlet_id", "day", "good_id") DO UPDATE SET
    "quantity" = stored."quantity" + excluded."quantity",
    "revenue" = stored."revenue" + excluded."revenue",
    "cost_sum" = stored."cost_sum" + excluded."cost_sum",
    "cost_known_sum" = stored."cost_known_sum" + excluded."cost_known_sum",
    "returned_quantity" = stored."returned_quantity" + excluded."returned_quantity",
    "returned_sum" = stored."returned_sum" + excluded."returned_sum",
    "returned_cost_sum" = stored."returned_cost_sum" + excluded."returned_cost_sum",
    "returned_cost_known_sum" = stored."returned_cost_known_sum" + excluded."returned_cost_known_sum";

-- sold: copy
COPY "sold" ("outlet_id", "day", "good_id", "quantity", "revenue", "cost_sum", "cost_known_sum", "returned_quantity", "returned_sum", "returned_cost_sum", "returned_cost_known_sum") FROM STDIN;

-- sold: remove
DELETE FROM "sold" WHERE "outlet_id" = %(outlet)s;

-- cashiers: create
CREATE TABLE "cashiers" (
    "outlet_id" uuid NOT NULL,
    "day" date NOT NULL,
    "cashier_id" text NOT NULL,
    "cashier" text NOT NULL,
    "sales" integer NOT NULL,
    "positions" integer NOT NULL,
    "revenue" numeric NOT NULL,
    "advances_sum" numeric NOT NULL,
    "tips_sum" numeric NOT NULL,
    "debts_sum" numeric NOT NULL,
    "discount_sum" numeric NOT NULL,
    "discounted" integer NOT NULL,
    "returns" integer NOT NULL,
    "returns_sum" numeric NOT NULL,
    "voided" integer NOT NULL,
    PRIMARY KEY ("outlet_id", "day", "cashier_id", "cashier")
);

-- cashiers: add
INSERT INTO "cashiers" AS stored ("outlet_id", "day", "cashier_id", "cashier", "sales", "positions", "revenue", "advances_sum", "tips_sum", "debts_sum", "discount_sum", "discounted", "returns", "returns_sum", "voided")
SELECT "outlet_id", "day", "cashier_id", "cashier", "sales", "positions", "revenue", "advances_sum", "tips_sum", "debts_sum", "discount_sum", "discounted", "returns", "returns_sum", "voided" FROM json_populate_recordset(NULL::"cashiers", %(rows)s::json)
ON CONFLICT ("outlet_id", "day", "cashier_id", "cashier") DO UPDATE SET
    "sales" = stored."sales" + excluded."sales",
    "positions" = stored."positions" + excluded."positions",
    "revenue" = stored."revenue" + excluded."revenue",
    "advances_sum" = stored."advances_sum" + excluded."advances_sum",
    "tips_sum" = stored."tips_sum" + excluded."tips_sum",
    "debts_sum" = stored."debts_sum" + excluded."debts_sum",
    "discount_sum" = stored."discount_sum" + excluded."discount_sum",
    "discounted" = stored."discounted" + excluded."discounted",
    "returns" = stored."returns" + excluded."returns",
    "returns_sum" = stored."returns_sum" + excluded."returns_sum",
    "voided" = stored."voided" + excluded."voided";

-- cashiers: copy
COPY "cashiers" ("outlet_id", "day", "cashier_id", "cashier", "sales", "positions", "revenue", "advances_sum", "tips_sum", "debts_sum", "discount_sum", "discounted", "returns", "returns_sum", "voided") FROM STDIN;

-- cashiers: remove
DELETE FROM "cashiers" WHERE "outlet_id" = %(outlet)s;

-- taxes: create
CREATE TABLE "taxes" (
    "outlet_id" uuid NOT NULL,
    "day" date NOT NULL,
    "rate" text NOT NULL,
    "base_sum" numeric NOT NULL,
    "tax_sum" numeric NOT NULL,
    PRIMARY KEY ("outlet_id", "day", "rate")
);

-- taxes: add
INSERT INTO "taxes" AS stored ("outlet_id", "day", "rate", "base_sum", "tax_sum")
SELECT "outlet_id", "day", "rate", "base_sum", "tax_sum" FROM json_populate_recordset(NULL::"taxes", %(rows)s::json)
ON CONFLICT ("outlet_id", "day", "rate") DO UPDATE SET
    "base_sum" = stored."base_sum" + excluded."base_sum",
    "tax_sum" = stored."tax_sum" + excluded."tax_sum";

-- taxes: copy
COPY "taxes" ("outlet_id", "day", "rate", "base_sum", "tax_sum") FROM STDIN;

-- taxes: remove
DELETE FROM "taxes" WHERE "outlet_id" = %(outlet)s;

-- shift_sums: create
CREATE TABLE "shift_sums" (
    "outlet_id" uuid NOT NULL,
    "day" date NOT NULL,
    "shift_id" text NOT NULL,
    "till_id" uuid NOT NULL,
    "sales" integer NOT NULL,
    "sales_sum" numeric NOT NULL,
    "revenue" numeric NOT NULL,
    "returns" integer NOT NULL,
    "returns_sum" numeric NOT NULL,
    "cash_moves" integer NOT NULL,
    "moved_sum" numeric NOT NULL,
    PRIMARY KEY ("outlet_id", "day", "shift_id", "till_id")
);

-- shift_sums: add
INSERT INTO "shift_sums" AS stored ("outlet_id", "day", "shift_id", "till_id", "sales", "sales_sum", "revenue", "returns", "returns_sum", "cash_moves", "moved_sum")
SELECT "outlet_id", "day", "shift_id", "till_id", "sales", "sales_sum", "revenue", "returns", "returns_sum", "cash_moves", "moved_sum" FROM json_populate_recordset(NULL::"shift_sums", %(rows)s::json)
ON CONFLICT ("outlet_id", "day", "shift_id", "till_id") DO UPDATE SET
    "sales" = stored."sales" + excluded."sales",
    "sales_sum" = stored."sales_sum" + excluded."sales_sum",
    "revenue" = stored."revenue" + excluded."revenue",
    "returns" = stored."returns" + excluded."returns",
    "returns_sum" = stored."returns_sum" + excluded."returns_sum",
    "cash_moves" = stored."cash_moves" + excluded."cash_moves",
    "moved_sum" = stored."moved_sum" + excluded."moved_sum";

-- shift_sums: copy
COPY "shift_sums" ("outlet_id", "day", "shift_id", "till_id", "sales", "sales_sum", "revenue", "returns", "returns_sum", "cash_moves", "moved_sum") FROM STDIN;

-- shift_sums: remove
DELETE FROM "shift_sums" WHERE "outlet_id" = %(outlet)s;

-- shift_payments: create
CREATE TABLE "shift_payments" (
    "outlet_id" uuid NOT NULL,
    "shift_id" text NOT NULL,
    "till_id" uuid NOT NULL,
    "method" text NOT NULL,
    "amount" numeric NOT NULL,
    PRIMARY KEY ("outlet_id", "shift_id", "till_id", "method")
);

-- shift_payments: add
INSERT INTO "shift_payments" AS stored ("outlet_id", "shift_id", "till_id", "method", "amount")
SELECT "outlet_id", "shift_id", "till_id", "method", "amount" FROM json_populate_recordset(NULL::"shift_payments", %(rows)s::json)
ON CONFLICT ("outlet_id", "shift_id", "till_id", "method") DO UPDATE SET
    "amount" = stored."amount" + excluded."amount";

-- shift_payments: copy
COPY "shift_payments" ("outlet_id", "shift_id", "till_id", "method", "amount") FROM STDIN;

-- shift_payments: remove
DELETE FROM "shift_payments" WHERE "outlet_id" = %(outlet)s;

-- moved: create
CREATE TABLE "moved" (
    "outlet_id" uuid NOT NULL,
    "good_id" text NOT NULL,
    "warehouse_id" text NOT NULL,
    "effective_day" date NOT NULL,
    "quantity" numeric NOT NULL,
    PRIMARY KEY ("outlet_id", "good_id", "warehouse_id", "effective_day")
);

-- moved: add
INSERT INTO "moved" AS stored ("outlet_id", "good_id", "warehouse_id", "effective_day", "quantity")
SELECT "outlet_id", "good_id", "warehouse_id", "effective_day", "quantity" FROM json_populate_recordset(NULL::"moved", %(rows)s::json)
ON CONFLICT ("outlet_id", "good_id", "warehouse_id", "effective_day") DO UPDATE SET
    "quantity" = stored."quantity" + excluded."quantity";

-- moved: copy
COPY "moved" ("outlet_id", "good_id", "warehouse_id", "effective_day", "quantity") FROM STDIN;

-- moved: remove
DELETE FROM "moved" WHERE "outlet_id" = %(outlet)s;
