"""The book as a pure fold of events: lots (first in, first out), cash, orders, positions.

What may enter: pure functions of events. No file and no market price.
"""
