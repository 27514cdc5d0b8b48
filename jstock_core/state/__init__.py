"""Floor 1: what happened and what is owned.

Events are the only state; lots, the book, trades, valuations and the JSON files are folds of them. The
journal keeps events and can neither lose nor double one. Nothing here knows of signals or strategies.

- `events` (`base`, `codec`): the kinds of fact, each with a deterministic id, and their canonical JSON
- `amendments`, `corrections`, `dependents`: corrections and adjustments, what is in force of a history, and
  what later facts stand on
- `lots`, `holdings`, `book` (`fold`, `account`), `trades`: FIFO lots, the book as a pure fold, closed lots
- `journal` (`chain`, `head`, `store`, `tables`): the append-only record, chained by hash
- `valuation`, `pnl` (`pnl_day`): the equity curve, and what each lot won or lost in each session
- `tax`: the same sales as a tax office sees them, at moving-average cost; FIFO gains are not taxable numbers
- `views` (`atomic`): the JSON files that other programs read
"""
