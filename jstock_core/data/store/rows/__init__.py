"""Stored rows: their versions and which of them counts, their hashes, and the files in which they lie.

What may enter: what is known of rows without the store that they are part of.
"""
