"""The language the parts share: events, uploads, log records, topics and errors. Imports no I/O."""
