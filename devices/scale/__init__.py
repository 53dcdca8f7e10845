"""Scales: the weight of a carton, once it is stable."""
