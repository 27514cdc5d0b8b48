"""Runs: a notebook executed, its values read, the result published whole with a manifest, and listed.

What may enter: the mechanics of running and keeping a notebook. What a run means for the desk does not.

- `notebook/`: one notebook: its parameters, its kernel, its execution, its values and its conversion
- `publish`: a run is built in a temporary folder and moved into place in one step
- `manifest`: what a run was made of, how it ended and what it left; `provenance` finds that out
- `catalogue`: the list of all runs, and the page that shows it
- `files`: the lock of the runs folder and the hashes of its files
"""
