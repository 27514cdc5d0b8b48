"""Sources of market data: the protocol, and one package or file a source.

What may enter: a source that delivers tables of `data/tables`.
"""
