"""The files of `params/` as a whole: judged all at once, and described by JSON Schemas for editors.

What may enter: what needs every model that a file of parameters is read into.
"""
