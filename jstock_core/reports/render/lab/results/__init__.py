"""Results of the laboratory that lower rooms work out, with the card that a notebook shows of them.

What may enter: a class that is such a result, or a list of them, and its card.
"""
