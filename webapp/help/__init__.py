"""Help for owners: questions and answers, and how a till's program is set up."""
