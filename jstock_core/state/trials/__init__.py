"""The file of the trial ledger and its copies.

- `store`: the tables, and transactions in the file
- `copies`: one ledger added to another, so that nothing that either knows is forgotten

What may enter: what holds for the file, whatever a trial is. What a trial is, `desk.trials` says.
"""
