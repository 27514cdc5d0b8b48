"""The care of a desk's records: verification, backups, corrections, exports, imports.

What may enter: what keeps journal and market data sound.
"""
