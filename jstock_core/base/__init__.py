"""Building blocks that every room needs and that know nothing about markets.

Errors, parameters, durable files, text and number formats, the clock. What may enter: small things without
a market fact.

- `secrets/`: what keeps secrets out of files, outputs and messages
- `identity/`: hashes and names by which something is recognized later
"""
