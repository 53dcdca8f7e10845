"""Typed values at addresses: the narrow waist between a protocol and what a device does."""
