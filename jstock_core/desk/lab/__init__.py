"""The lab: a copy of a desk to try things on, and the objects that it answers with.

What may enter: what an analyst calls in a notebook. Nothing is written into the desk but candidates.
"""
