"""The JSON files that other programs read, derived from the journal, and the reading of older ones.

What may enter: a file format of DESIGN's section on files.
"""
