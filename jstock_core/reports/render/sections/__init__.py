"""The sections of the morning page, one file each: a function from the report and the words to a display.

What may enter: a section with its heading, its markup in `render/templates` and its sheet in `render/styles`.
It computes nothing.
"""
