"""Messages to people: what they say, whom they go to, by which way, and that each arrives once.

What may enter: kinds of messages and their making, notifiers (one file a kind), routing, the outbox.
"""
