"""The whole warehouse on real wires: gateway, devices, people and hosts, each a process."""
