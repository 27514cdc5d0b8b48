"""The store: market data as delivered, and the panel loaded from it.

What may enter: how rows are kept, merged, hashed and read.

- `rows/`: versions of rows and their files; `editions/`: what was delivered, and what counts of it
- `store`, `contents`, `window`: the store, as of a moment, and some columns of it; `revisions`: what changed
- `load`, `assemble`, `cache`: the panel of it
"""
