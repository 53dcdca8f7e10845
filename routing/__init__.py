"""Layouts, distances, pick paths and traffic: pure functions on graphs."""
