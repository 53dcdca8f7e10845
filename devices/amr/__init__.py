"""Mobile robots over VDA 5050: orders out, states in, cartons carried."""
