"""Whether all that tills sent stands in the figures: what is missing, waits, was refused, or is still on its way."""
