"""Floor 4: what the desk would have done, and how good it was.

A backtest is a fold of the same morning that runs the desk; performance is measured by one definition each.
"""
