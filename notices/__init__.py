"""What owners are told without asking: alarms over the read models, what was told, messages and their delivery."""
