"""The file of the trial ledger, and its copies.

- `store`: the tables, and transactions in the file
- `copies`: merging one ledger into another, without losing anything

What may enter: what concerns the file. The meaning of a trial is in `desk.trials`.
"""
