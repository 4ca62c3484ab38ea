"""The control: no framework at all."""
