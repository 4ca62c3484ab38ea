-- daily: create
CREATE TABLE "daily" (
    "outlet_id" uuid NOT NULL,
    "day" date NOT NULL,
    "sales" integer NOT NULL,
    "returns" integer NOT NULL,
    "goods_sum" numeric NOT NULL,
    "discount_sum" numeric NOT NULL,
    "returns_sum" numeric NOT NULL,
    "unreconciled" integer NOT NULL,
    "revenue" numeric GENERATED ALWAYS AS ("goods_sum" - "discount_sum" - "returns_sum") STORED,
    PRIMARY KEY ("outlet_id", "day")
);

-- daily: add
INSERT INTO "daily" AS stored ("outlet_id", "day", "sales", "returns", "goods_sum", "discount_sum", "returns_sum", "unreconciled")
SELECT "outlet_id", "day", "sales", "returns", "goods_sum", "discount_sum", "returns_sum", "unreconciled" FROM json_populate_recordset(NULL::"daily", %(rows)s::json)
ON CONFLICT ("outlet_id", "day") DO UPDATE SET
    "sales" = stored."sales" + excluded."sales",
    "returns" = stored."returns" + excluded."returns",
    "goods_sum" = stored."goods_sum" + excluded."goods_sum",
    "discount_sum" = stored."discount_sum" + excluded."discount_sum",
    "returns_sum" = stored."returns_sum" + excluded."returns_sum",
    "unreconciled" = stored."unreconciled" + excluded."unreconciled";

-- daily: copy
COPY "daily" ("outlet_id", "day", "sales", "returns", "goods_sum", "discount_sum", "returns_sum", "unreconciled") FROM STDIN;

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
