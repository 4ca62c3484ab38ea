"""Kafka Streams with a custom Processor and batched pgJDBC."""
