"""The raw and the parsed edition: what was delivered, what counts, and how one is made of the other.

What may enter: how an edition is recorded, brought up to date, or made again.
"""
