"""Sweeps and walk-forwards of a desk: declared in files or notebooks, run on the desk's data, and shown.

What may enter: uses of `research.sweep` and `research.walk` on an open desk.
"""
