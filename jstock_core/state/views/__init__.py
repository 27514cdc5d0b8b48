"""The JSON files that other programs read, derived from the journal, and the reading of older ones.

What may enter: the format of a file that other programs read.
"""
