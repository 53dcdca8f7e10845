"""What the warehouse decides: pure rules on observations, one module per process on the floor."""
