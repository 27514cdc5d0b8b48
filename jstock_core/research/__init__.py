"""Backtests of strategies, and measures of how good they are.

A backtest is a fold of the same morning that runs the desk. Every metric has one definition.
What may enter: pure functions of panels, groups and backtests, and the checks that certify a rule.
"""
