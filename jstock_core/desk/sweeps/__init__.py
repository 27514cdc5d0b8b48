"""Searches among parameters: declared, run on the desk's data, shown.

What may enter: what `research` does with many sets of parameters, on an open desk.
"""
