"""Exits: an opinion on every position, on which mornings one is asked at all, and the sells that follow.

What may enter: pure functions of a book and a view about stocks that are held.
"""
