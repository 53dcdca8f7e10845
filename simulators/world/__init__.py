"""The physical world of the demo: shelves, cartons, belts and people, in simulated metres and
seconds. Pure but for `__main__`: time is stepped, so a whole day runs in an instant under test."""
