"""jstock: a daily trading desk for Japanese equities, driven by notebooks.

The rooms, from the bottom up (imports point down only):

- `market`: sessions, trading rules, codes, and the panel of prices and facts as known at a time
- `data`, `signals`, `state`: providers and store; features, scores and rules; events, lots and the journal
- `execution`: sizing, legal order tickets, the paper broker
- `decide`: the one decision function that notebook, backtest and production share
- `research`, `runs`, `reports`, `ops`: backtests; notebook runs; what people look at; keeping it running
- `desk`: opens a workspace and runs a day
- `cli`: the command line
"""

__version__ = "0.1.0"
