"""Knobs of a group in the lab: turned, held against the desk's file, checked, swept around and saved.

What may enter: what a turn gives as values, and the widgets that show it, which decide nothing.
"""
