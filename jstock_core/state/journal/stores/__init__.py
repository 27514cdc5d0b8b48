"""Where the records of a journal lie: in memory, in a file, in a database that several people share.

What may enter: how records are read and written, and whose they are. What they mean is not known.
"""
