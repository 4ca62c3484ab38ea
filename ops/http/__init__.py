"""The embedded HTTP server: uvicorn with bounds on what a client may take of it (docs/decisions)."""
