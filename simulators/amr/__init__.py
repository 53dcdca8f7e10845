"""A VDA 5050 2.1.0 vehicle that carries cartons."""
