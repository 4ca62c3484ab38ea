"""`/demo`: a simulated shop to look at before registering, which another service on this machine has."""
