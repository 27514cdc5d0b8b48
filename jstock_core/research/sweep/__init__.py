"""Sweeps: many sets of parameters over the same sessions, on one machine or on many.

The sets are declared (`sets`), the market is written once into a file (`market`), chunks of sets are
evaluated by any `concurrent.futures.Executor` (`task`, `run`, `pools`), and results are kept by key
(`shards`).

What may enter: how sets are made, distributed, evaluated and kept. Showing them is the desk's part.
"""
