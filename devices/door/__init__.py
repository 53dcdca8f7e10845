"""Doors and gates: what their switches say, and the ways in which they are moved."""
