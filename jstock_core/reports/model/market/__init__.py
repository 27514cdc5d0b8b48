"""The market and its data as plain values.

What may enter: a value that `reports.build.market` makes, and nothing of a group.
"""
