"""Pick-to-light: lamps that show a place and a quantity, buttons that confirm."""
