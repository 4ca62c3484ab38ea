"""Shops that don't exist, selling as real ones do: for trying the service, for tests and for measurements."""
