"""Pages and API: what people and programs see of the floor, and how they act on it."""
