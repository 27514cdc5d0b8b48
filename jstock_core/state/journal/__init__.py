"""The append-only record of events, chained by hash, in a file or on a server.

What may enter: storage, proof and backup of events, and what corrections put in force.

- `stores/`: where records lie; `proof/`: hashes of records and of what follows from them
- `in_force/`: which facts count; `opening`, `additions`, `verify`: what is checked of an append
- `journal`: the journal; `backups`: copies of it
"""
