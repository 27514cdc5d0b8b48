"""Commands for a desk that runs without a person: schedulers, messages, and whether all is well.

What may enter: a command of the room `ops`.
"""
