"""What every room needs, and nothing of markets.

Errors, parameters, durable files, words and numbers, the clock. What may enter: small things without a
market fact.

- `secrets/`: what keeps secrets out of files, outputs and messages
- `identity/`: hashes and names by which something is recognised later
"""
