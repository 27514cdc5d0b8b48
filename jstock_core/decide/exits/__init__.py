"""Exits: opinions on positions, on which mornings they are asked for at all, and the sells that follow.

What may enter: pure functions of a book and a view about stocks that are held.
"""
