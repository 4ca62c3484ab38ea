"""What `weboffice up` and `demo` show on a terminal: one calm screen. Elsewhere they write log lines."""
