"""Floor 0: what every room needs and what knows nothing of markets.

Errors, parameters, durable files, words and numbers, the clock. What may enter: small things without a
market fact.
"""
