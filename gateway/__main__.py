"""`python -m gateway` is the command `wedge`."""

from gateway.cli import main

main()
