"""Past sessions gone through again: backtests, replays, reviews, explanations, quality of the data.

What may enter: questions about sessions that are over. Nothing is journaled into the desk's own journal.
"""
