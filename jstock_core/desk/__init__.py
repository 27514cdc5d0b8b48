"""Floor 5: the workspace and its day.

Opens `params/`, `data/` and `runs/`, holds the clock and the lock, and runs a morning: gate, fetch, checks,
settle, decide, journal. Effects live here; what is decided is decided below.
"""
