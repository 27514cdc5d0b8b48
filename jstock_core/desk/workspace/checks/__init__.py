"""The journal held against what changes around it: group files, splits, and rows that a vendor corrected.

What may enter: a comparison of the journal with one of these. What follows is decided elsewhere.
"""
