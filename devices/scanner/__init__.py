"""Barcode scanners, fixed and in the hand: frames of bytes become codes that were seen."""
