"""Hosts (shops, ERPs, carriers), each a few verbs with declared capabilities."""
