"""Commands of an analyst: many backtests, their proof, the laboratory, rules and universes.

What may enter: a command that tries something on past sessions and orders nothing.
"""
