"""Store and forward, from the host's side."""
