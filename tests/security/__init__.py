"""Nobody gets in, nobody shuts it down: each weakness is caused for real, over sockets, against a served process."""
