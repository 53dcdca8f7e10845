"""The service: one control loop that joins devices, rules and hosts, and the pages people see."""
