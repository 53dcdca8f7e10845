"""Everything with a plug: how it is addressed, spoken to, and known to be there or not."""
