"""Whether the desk is fit to run, and whether it ran.

What may enter: the checks of `jstock doctor`, each a value with its remedy, and what a watchdog asks.
"""
