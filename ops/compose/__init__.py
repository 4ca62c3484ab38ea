"""What compose.yaml needs inside the service's own image: passwords at the first start, and an answer for healthchecks."""
