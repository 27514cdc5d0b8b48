"""What pages are made of: tables, tiles, rows, figures, markup and words.

What may enter: a way to show a value that several sections or cards have in common. No section is known.
"""
