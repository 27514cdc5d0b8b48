"""Knobs: the parameters of a group that can be varied, with their ranges and steps.

What may enter: values read from rules and group files. Nothing here runs a backtest or shows anything.
"""
