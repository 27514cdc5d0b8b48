"""The parameters of the desk: `params/desk.yaml` and the monitor list, read, checked and edited.

What may enter: one file for each section of `desk.yaml` that has keys of its own, as declared values. What a
section does is done where it is used.
"""
