"""Valuations of a book: equity curve, profit and loss, tax.

What may enter: pure functions of a book or its events, and of prices.
"""
