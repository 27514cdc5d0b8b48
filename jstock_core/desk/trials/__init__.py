"""The trials of a workspace, and the holdout: sessions that research may not use.

- `rows`: one trial, and the digest that identifies it
- `ledger`: all trials, in `data/trials.sqlite` (see `state.trials`)
- `holdout`: sessions kept back, declared once and opened once
- `tally`: the number of trials at the time of a result

What may enter: what must be recorded about research on a desk. Nothing here runs a backtest.
"""
