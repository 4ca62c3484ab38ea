"""Folds of events into read models, and the engine that writes them with the positions of the log."""
