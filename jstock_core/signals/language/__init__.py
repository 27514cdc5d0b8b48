"""The kinds of rules (entries, layers, exits, filters, protections), how they are asked, and their registry.

What may enter: a kind of rule, or something that all rules are given.
"""
