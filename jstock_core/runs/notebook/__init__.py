"""The execution of a notebook: its parameters, kernel, scraps and conversion.

What may enter: the mechanics of notebooks. What a run means for the desk does not.
"""
