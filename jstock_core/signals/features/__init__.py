"""Features, indicators and scores in bar space, and the view that shows them.

What may enter: causal functions of the panel, computed for all stocks at once.
"""
