"""Long runs: `make soak`. Not part of the tests; each scenario says what it proves and exits."""
