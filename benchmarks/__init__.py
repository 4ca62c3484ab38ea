"""Measurements: this service beside its peers and beside what the machine can do. See README.md."""
