"""Quix Streams with a batching sink."""
