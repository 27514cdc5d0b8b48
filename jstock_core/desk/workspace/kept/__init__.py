"""What a workspace keeps beside its journal: what was monitored, fetched, confirmed, promoted and tried.

What may enter: how one such file is written and read back. What follows from it is decided elsewhere.
"""
