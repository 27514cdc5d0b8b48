"""The store: market data as delivered, and the panel loaded from it.

What may enter: how rows are kept, merged, hashed and read.
"""
