"""The journal held against what changes around it: group files, splits, and rows that a vendor corrected.

What may enter: what finds that money at work no longer fits to its surroundings.
"""
