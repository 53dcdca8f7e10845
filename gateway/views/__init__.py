"""Read models of pages and API: rows of a read-only connection in, plain values out."""
