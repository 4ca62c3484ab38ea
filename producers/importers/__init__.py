"""What shops already have, brought in: one module per format, one way from a file to the service for all of them.

    source (files) ──▶ format (rows → documents) ──▶ stage (each once) ──▶ preview ──▶ till client ──▶ comparison

A format is pure: it reads a source and yields documents and bad rows. What it must not guess it asks (`questions`).
`formats` lists them, `importing` is the way that all of them go.
"""
