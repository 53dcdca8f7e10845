"""Store and forward: the one database, and the hosts that hear what is in it."""
