"""Commands that make a workspace and care for it: its parameters, its market data, its journal.

What may enter: a command of `desk.care`, or on files of a workspace or a checkout.
"""
