"""Label printers: a label that is wanted becomes a label that was printed."""
