-- name: end_long_queries
SELECT app.end_long_queries();
