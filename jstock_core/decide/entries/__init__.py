"""Entries: what a group would buy, what refuses it, and the orders within its cash.

What may enter: pure functions of a book and a view about stocks that are not held yet.
"""
