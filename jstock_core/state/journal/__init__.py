"""The append-only record of events, chained by hash, in a file or on a server.

What may enter: storage, proof and backup of events, and what corrections put in force.
"""
