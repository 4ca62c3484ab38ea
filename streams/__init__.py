"""The Faust workers: `anonymise` copies uploads into the log without people's names, `project` folds the log."""
