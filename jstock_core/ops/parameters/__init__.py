"""The files of `params/` as a whole: judged all at once, and described by JSON Schemas for editors.

`generated` brings up to date what a checkout holds of this and of everything else that is generated.
What may enter: what needs every model that a file of parameters is read into.
"""
