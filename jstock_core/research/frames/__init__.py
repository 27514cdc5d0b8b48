"""The market, trials and factors as tidy pandas tables: one row a fact, with the time it became known.

- `market`: prices, features, statements, investor flows, TOPIX
- `trials`: equity, trades, orders, positions and metrics of a backtest
- `catalogue`, `lists`: what features and rules there are
- `factors`: how well a feature orders the stocks, session by session

What may enter: pure functions from panels and backtests to tables. Tables are copies, so that changing one
changes nothing else; `known_at` is in JST. A column `x_pct` is in percent, money is in yen.
"""
