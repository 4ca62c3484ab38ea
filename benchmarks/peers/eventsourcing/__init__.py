"""The `eventsourcing` library's projection runner. Its log is PostgreSQL: the same events are put there beforehand."""
