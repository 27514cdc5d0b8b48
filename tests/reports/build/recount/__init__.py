"""Every number of the report's model worked out again, from the journal's rows and the panel's arrays.

Nothing here is taken from the builders, the fold of the book, the valuation, the rules or the metrics.

- `numbers`: what numbers a report holds, each by its path
- `journal`: the journal's rows read with the standard library, and what is in force of them
- `ledger`: cash, lots and gains; `bars`: prices over splits and features; `opinions`: scores and levels
- a file for each section of the report
"""
