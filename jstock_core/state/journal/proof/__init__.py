"""What proves that no past was changed unseen: hashes of records, of the file, and of what follows from it.

What may enter: a hash or a sealed note about records, and how it is checked.
"""
