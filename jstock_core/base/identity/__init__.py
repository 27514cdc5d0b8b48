"""Identities: lines sealed by a hash, the hash of the package's code, and the name of the user.

What may enter: a hash or a name by which something is recognized later.
"""
