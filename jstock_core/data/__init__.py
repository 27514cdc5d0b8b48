"""Market facts: delivered by providers, checked, stored as they were traded, and loaded as a panel.

- `tables`: the data sets as tables, and the boundary where what is delivered becomes one form
- `providers`: the protocol, the registry, and the sources: files, the simulated market
- `store`: how rows are kept, merged, hashed and read, and the panel made of them
- `checks`: whether stored data can be trusted for a decision

What may enter: whatever turns delivered rows into a panel. Raw rows enter here in the shape of J-Quants V2
and nowhere else; codes become four characters when the panel is loaded.
"""
