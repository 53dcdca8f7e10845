"""Sorters and merges: functions over named tags, whatever protocol carries them."""
