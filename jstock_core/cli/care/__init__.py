"""Commands that care for a workspace: made, its parameters, its market data and its journal.

What may enter: a command of `desk.care`, or on files of a workspace or a checkout.
"""
