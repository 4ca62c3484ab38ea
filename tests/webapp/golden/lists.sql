-- text x
SELECT list.*, list."x"::text AS sort_value, ARRAY[list."k"::text, list."l"::text] AS sort_key
FROM (
SELECT * FROM somewhere
) AS list
WHERE %(after_key)s::text[] IS NULL
    OR CASE
        WHEN %(after_value)s::text IS NULL THEN list."x" IS NULL AND ARRAY[list."k"::text, list."l"::text] > %(after_key)s::text[]
        ELSE list."x" IS NULL OR translate(lower(list."x" COLLATE "pg_c_utf8"), 'ё', 'е') > translate(lower(%(after_value)s::text COLLATE "pg_c_utf8"), 'ё', 'е')
            OR (translate(lower(list."x" COLLATE "pg_c_utf8"), 'ё', 'е') = translate(lower(%(after_value)s::text COLLATE "pg_c_utf8"), 'ё', 'е') AND ARRAY[list."k"::text, list."l"::text] > %(after_key)s::text[])
    END
ORDER BY translate(lower(list."x" COLLATE "pg_c_utf8"), 'ё', 'е') ASC NULLS LAST, ARRAY[list."k"::text, list."l"::text] ASC
LIMIT %(limit)s

-- text -x
SELECT list.*, list."x"::text AS sort_value, ARRAY[list."k"::text, list."l"::text] AS sort_key
FROM (
SELECT * FROM somewhere
) AS list
WHERE %(after_key)s::text[] IS NULL
    OR CASE
        WHEN %(after_value)s::text IS NULL THEN list."x" IS NULL AND ARRAY[list."k"::text, list."l"::text] < %(after_key)s::text[]
        ELSE list."x" IS NULL OR translate(lower(list."x" COLLATE "pg_c_utf8"), 'ё', 'е') < translate(lower(%(after_value)s::text COLLATE "pg_c_utf8"), 'ё', 'е')
            OR (translate(lower(list."x" COLLATE "pg_c_utf8"), 'ё', 'е') = translate(lower(%(after_value)s::text COLLATE "pg_c_utf8"), 'ё', 'е') AND ARRAY[list."k"::text, list."l"::text] < %(after_key)s::text[])
    END
ORDER BY translate(lower(list."x" COLLATE "pg_c_utf8"), 'ё', 'е') DESC NULLS LAST, ARRAY[list."k"::text, list."l"::text] DESC
LIMIT %(limit)s

-- code x
SELECT list.*, list."x"::text AS sort_value, ARRAY[list."k"::text, list."l"::text] AS sort_key
FROM (
SELECT * FROM somewhere
) AS list
WHERE %(after_key)s::text[] IS NULL
    OR CASE
        WHEN %(after_value)s::text IS NULL THEN list."x" IS NULL AND ARRAY[list."k"::text, list."l"::text] > %(after_key)s::text[]
        ELSE list."x" IS NULL OR lpad(list."x", 128) > lpad(%(after_value)s::text, 128)
            OR (lpad(list."x", 128) = lpad(%(after_value)s::text, 128) AND ARRAY[list."k"::text, list."l"::text] > %(after_key)s::text[])
    END
ORDER BY lpad(list."x", 128) ASC NULLS LAST, ARRAY[list."k"::text, list."l"::text] ASC
LIMIT %(limit)s

-- code -x
SELECT list.*, list."x"::text AS sort_value, ARRAY[list."k"::text, list."l"::text] AS sort_key
FROM (
SELECT * FROM somewhere
) AS list
WHERE %(after_key)s::text[] IS NULL
    OR CASE
        WHEN %(after_value)s::text IS NULL THEN list."x" IS NULL AND ARRAY[list."k"::text, list."l"::text] < %(after_key)s::text[]
        ELSE list."x" IS NULL OR lpad(list."x", 128) < lpad(%(after_value)s::text, 128)
            OR (lpad(list."x", 128) = lpad(%(after_value)s::text, 128) AND ARRAY[list."k"::text, list."l"::text] < %(after_key)s::text[])
    END
ORDER BY lpad(list."x", 128) DESC NULLS LAST, ARRAY[list."k"::text, list."l"::text] DESC
LIMIT %(limit)s

-- number x
SELECT list.*, list."x"::text AS sort_value, ARRAY[list."k"::text, list."l"::text] AS sort_key
FROM (
SELECT * FROM somewhere
) AS list
WHERE %(after_key)s::text[] IS NULL
    OR CASE
        WHEN %(after_value)s::numeric IS NULL THEN list."x" IS NULL AND ARRAY[list."k"::text, list."l"::text] > %(after_key)s::text[]
        ELSE list."x" IS NULL OR list."x" > %(after_value)s::numeric
            OR (list."x" = %(after_value)s::numeric AND ARRAY[list."k"::text, list."l"::text] > %(after_key)s::text[])
    END
ORDER BY list."x" ASC NULLS LAST, ARRAY[list."k"::text, list."l"::text] ASC
LIMIT %(limit)s

-- number -x
SELECT list.*, list."x"::text AS sort_value, ARRAY[list."k"::text, list."l"::text] AS sort_key
FROM (
SELECT * FROM somewhere
) AS list
WHERE %(after_key)s::text[] IS NULL
    OR CASE
        WHEN %(after_value)s::numeric IS NULL THEN list."x" IS NULL AND ARRAY[list."k"::text, list."l"::text] < %(after_key)s::text[]
        ELSE list."x" IS NULL OR list."x" < %(after_value)s::numeric
            OR (list."x" = %(after_value)s::numeric AND ARRAY[list."k"::text, list."l"::text] < %(after_key)s::text[])
    END
ORDER BY list."x" DESC NULLS LAST, ARRAY[list."k"::text, list."l"::text] DESC
LIMIT %(limit)s

-- moment x
SELECT list.*, list."x"::text AS sort_value, ARRAY[list."k"::text, list."l"::text] AS sort_key
FROM (
SELECT * FROM somewhere
) AS list
WHERE %(after_key)s::text[] IS NULL
    OR CASE
        WHEN %(after_value)s::timestamptz IS NULL THEN list."x" IS NULL AND ARRAY[list."k"::text, list."l"::text] > %(after_key)s::text[]
        ELSE list."x" IS NULL OR list."x" > %(after_value)s::timestamptz
            OR (list."x" = %(after_value)s::timestamptz AND ARRAY[list."k"::text, list."l"::text] > %(after_key)s::text[])
    END
ORDER BY list."x" ASC NULLS LAST, ARRAY[list."k"::text, list."l"::text] ASC
LIMIT %(limit)s

-- moment -x
SELECT list.*, list."x"::text AS sort_value, ARRAY[list."k"::text, list."l"::text] AS sort_key
FROM (
SELECT * FROM somewhere
) AS list
WHERE %(after_key)s::text[] IS NULL
    OR CASE
        WHEN %(after_value)s::timestamptz IS NULL THEN list."x" IS NULL AND ARRAY[list."k"::text, list."l"::text] < %(after_key)s::text[]
        ELSE list."x" IS NULL OR list."x" < %(after_value)s::timestamptz
            OR (list."x" = %(after_value)s::timestamptz AND ARRAY[list."k"::text, list."l"::text] < %(after_key)s::text[])
    END
ORDER BY list."x" DESC NULLS LAST, ARRAY[list."k"::text, list."l"::text] DESC
LIMIT %(limit)s

-- day x
SELECT list.*, list."x"::text AS sort_value, ARRAY[list."k"::text, list."l"::text] AS sort_key
FROM (
SELECT * FROM somewhere
) AS list
WHERE %(after_key)s::text[] IS NULL
    OR CASE
        WHEN %(after_value)s::date IS NULL THEN list."x" IS NULL AND ARRAY[list."k"::text, list."l"::text] > %(after_key)s::text[]
        ELSE list."x" IS NULL OR list."x" > %(after_value)s::date
            OR (list."x" = %(after_value)s::date AND ARRAY[list."k"::text, list."l"::text] > %(after_key)s::text[])
    END
ORDER BY list."x" ASC NULLS LAST, ARRAY[list."k"::text, list."l"::text] ASC
LIMIT %(limit)s

-- day -x
SELECT list.*, list."x"::text AS sort_value, ARRAY[list."k"::text, list."l"::text] AS sort_key
FROM (
SELECT * FROM somewhere
) AS list
WHERE %(after_key)s::text[] IS NULL
    OR CASE
        WHEN %(after_value)s::date IS NULL THEN list."x" IS NULL AND ARRAY[list."k"::text, list."l"::text] < %(after_key)s::text[]
        ELSE list."x" IS NULL OR list."x" < %(after_value)s::date
            OR (list."x" = %(after_value)s::date AND ARRAY[list."k"::text, list."l"::text] < %(after_key)s::text[])
    END
ORDER BY list."x" DESC NULLS LAST, ARRAY[list."k"::text, list."l"::text] DESC
LIMIT %(limit)s

-- outlet x
SELECT list.*, list."x"::text AS sort_value, ARRAY[list."k"::text, list."l"::text] AS sort_key
FROM (
SELECT * FROM somewhere
) AS list
WHERE %(after_key)s::text[] IS NULL
    OR CASE
        WHEN %(after_value)s::uuid IS NULL THEN list."x" IS NULL AND ARRAY[list."k"::text, list."l"::text] > %(after_key)s::text[]
        ELSE list."x" IS NULL OR array_position(%(outlets_by_name)s::uuid[], list."x") > array_position(%(outlets_by_name)s::uuid[], %(after_value)s::uuid)
            OR (array_position(%(outlets_by_name)s::uuid[], list."x") = array_position(%(outlets_by_name)s::uuid[], %(after_value)s::uuid) AND ARRAY[list."k"::text, list."l"::text] > %(after_key)s::text[])
    END
ORDER BY array_position(%(outlets_by_name)s::uuid[], list."x") ASC NULLS LAST, ARRAY[list."k"::text, list."l"::text] ASC
LIMIT %(limit)s

-- outlet -x
SELECT list.*, list."x"::text AS sort_value, ARRAY[list."k"::text, list."l"::text] AS sort_key
FROM (
SELECT * FROM somewhere
) AS list
WHERE %(after_key)s::text[] IS NULL
    OR CASE
        WHEN %(after_value)s::uuid IS NULL THEN list."x" IS NULL AND ARRAY[list."k"::text, list."l"::text] < %(after_key)s::text[]
        ELSE list."x" IS NULL OR array_position(%(outlets_by_name)s::uuid[], list."x") < array_position(%(outlets_by_name)s::uuid[], %(after_value)s::uuid)
            OR (array_position(%(outlets_by_name)s::uuid[], list."x") = array_position(%(outlets_by_name)s::uuid[], %(after_value)s::uuid) AND ARRAY[list."k"::text, list."l"::text] < %(after_key)s::text[])
    END
ORDER BY array_position(%(outlets_by_name)s::uuid[], list."x") DESC NULLS LAST, ARRAY[list."k"::text, list."l"::text] DESC
LIMIT %(limit)s
