"""Sweeps: many sets of parameters over the same sessions, on one machine or on many.

A sweep is declared (`sets`), its market is written once into a file (`market`), chunks of sets are evaluated
by any `concurrent.futures.Executor` (`task`, `run`, `pools`), and what was found is kept by key (`shards`).
What may enter: how sets are made, shared out, evaluated and kept. What is shown of them is the desk's.
"""
