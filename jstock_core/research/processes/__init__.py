"""Other Python processes: starting them, their clock, and how values are sent there and back.

What may enter: starting and calling processes, and serializing values for them. Work is distributed to
processes by `sweep`; `certificates` and `proof` are what calls single ones.
"""
