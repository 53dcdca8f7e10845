"""Layouts, distances, pick paths and poses of a warehouse: pure, in integer millimetres."""
