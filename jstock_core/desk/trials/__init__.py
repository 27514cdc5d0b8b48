"""What was ever tried in a workspace, and the sessions that are kept back from trying.

- `rows`: one trial, and what names it
- `ledger`: all of them, in `data/trials.sqlite`, the file of `state.trials`
- `holdout`: sessions kept back, declared once and opened once
- `tally`: how many trials there were when a result was found

What may enter: what research on a desk must remember of itself. Nothing here runs a backtest.
"""
