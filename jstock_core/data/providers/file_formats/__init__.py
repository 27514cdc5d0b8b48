"""The forms in which people have market data as files, and how each is read.

`tables` reads a file, `headings` knows what columns are called, `plain` makes J-Quants-shaped rows of plain
ones, `folder` finds out what each file of a folder holds.

What may enter: a form of file, a heading, a way to write a date or a number.
"""
