"""Runs: a notebook executed, its scraps read, the result published whole with a manifest, and listed.

What may enter: the mechanics of running and keeping a notebook. What a run means for the desk does not.

- `parameters` reads and checks what a notebook may be given, `execute` runs it (`watched` by the clock,
  in a `kernel` of this interpreter)
- `scraps` is the door for values out of a notebook
- `publish` builds a run in a temporary folder and moves it into place in one step
- `manifest` says what a run was made of, `provenance` finds that out, `catalogue` lists all runs
"""
