"""The desk's rules and universes: what there is, and whether it may be traded.

What may enter: rules with their certificates, and the stocks that they are tried on.
"""
