"""The built-in rules, one file a family, to use and to imitate.

What may enter: a rule with its docstring, parameters and source.
"""
