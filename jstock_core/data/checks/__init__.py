"""Whether stored data can be trusted for a decision.

What may enter: a check with its severity and remedy.
"""
