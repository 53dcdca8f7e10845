"""The speeds Wedge holds itself to, each as a ratio to a floor in the same run."""
