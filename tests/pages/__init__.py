"""Pages of every state of a morning, to look at and for the browser tests: `python -m tests.pages OUT`."""
