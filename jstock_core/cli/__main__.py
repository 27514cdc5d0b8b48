"""`python -m jstock_core.cli` is `jstock`."""

from jstock_core.cli import main

main()
