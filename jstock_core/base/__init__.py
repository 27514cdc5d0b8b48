"""What every room needs, and nothing of markets.

Errors, parameters, durable files, words and numbers, the clock. What may enter: small things without a
market fact.
"""
