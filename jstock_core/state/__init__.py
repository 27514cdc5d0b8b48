"""What happened and what is owned.

Events are the only state of the desk; lots, the book, trades, valuations and the JSON files are folds of
them. The journal keeps events and can neither lose nor double one.

- `facts`: the kinds of event, each with a deterministic id, and their canonical JSON
- `book`: lots first in first out, and the book as a pure fold
- `journal`: the append-only record, chained by hash, its corrections and its backups
- `accounts`: the equity curve, what each lot won or lost in each session, and the tax office's view
- `views`: the JSON files that other programs read
- `trials`: the file in which research counts what was tried, and its copies

What may enter: events and what follows from them alone, or with prices. Nothing of signals or strategies.
"""
