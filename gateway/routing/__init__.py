"""Questions about paths and batches: one shape for command line, API and planner."""
