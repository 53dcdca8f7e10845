"""The demo's other side: breaks what it is told to, plays what visitors play, asks the witnesses,
and judges a run by them."""
