"""What compose.yaml needs inside our own image: passwords at the first start, an answer for healthchecks."""
