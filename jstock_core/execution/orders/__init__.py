"""Orders on their way: what became of each, and the tickets that are placed for them at the broker.

What may enter: pure functions of orders and of the facts about them.
"""
