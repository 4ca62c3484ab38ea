"""A Faust app as its documentation writes one: a record per event."""
