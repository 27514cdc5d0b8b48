"""What tells versions apart: a line of a file sealed by its hash, the files of the package; and the user.

What may enter: a hash or a name by which something is recognised later.
"""
