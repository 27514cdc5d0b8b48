"""What a rule is: entries, layers, exits, filters and protections, their answers and their registry.

What may enter: a kind of rule, or what every rule is given.
"""
