"""Backups: what can't be made again, as a folder of checked files or as one file, and the way back from it."""
