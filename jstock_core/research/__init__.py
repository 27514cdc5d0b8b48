"""What a strategy would have done, and how good it was.

A backtest is a fold of the same morning that runs the desk; performance is measured by one definition each.
What may enter: pure functions of panels, groups and backtests, and the checks that certify a rule.
"""
