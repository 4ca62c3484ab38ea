"""The kinds of projection: what a declaration in `projections.models` may be, and what the rest reads from it."""
