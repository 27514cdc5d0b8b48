"""Events: the kinds of fact that a journal keeps, each with a deterministic id, and their canonical JSON.

What may enter: a new kind of fact with its codec.
"""
