-- name: waiting_from
SELECT outlet_id::text, min(log_offset) FROM parked GROUP BY outlet_id;
