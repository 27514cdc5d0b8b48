"""The built-in rules, one file for each family. They are also examples for writing rules.

What may enter: a rule with its docstring, parameters and source.
"""
