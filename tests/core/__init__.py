"""The store, the loop and time, decided by toy rules on the real messages."""
