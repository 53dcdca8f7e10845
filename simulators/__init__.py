"""Real peers on real wires: seeded devices and hosts that break as real ones do."""
