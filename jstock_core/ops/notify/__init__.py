"""Messages to people: what they say, whom they go to, by which way, and that each arrives once.

`ways` are the kinds of notifiers, `outbox` what is sent and waits to be.
What may enter: kinds of messages and their making, routing.
"""
