"""Looking back at published mornings: listed, shown, compared, decided again, tidied.

What may enter: what reads published runs and the decisions behind them. It records nothing in the journal.

- `listing`: runs by trade date, one run, all runs as a table
- `record`: what a morning was made of and what it decided, from its run and the journal
- `differences`: why two mornings differ; `verification`: whether one comes out the same again, with the
  `evidence` of what is not as it was
- `kept`: reports shown again from the values that their runs kept
- `pruning`: the removal of runs that nobody needs
"""
