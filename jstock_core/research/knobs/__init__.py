"""Knobs: what of a group's parameters can be turned, between which ends and by which steps.

What may enter: values read from rules and group files. Nothing here runs a backtest or shows anything.
"""
