"""The desk's own mornings beside a backtest of them.

What may enter: what holds a span that was lived against the same span on paper. Nothing is recorded.

- `lived`: both sides: the journal's mornings, and the backtest from the book that the desk had
- `parity`: every difference with its class, and both curves
"""
