"""The market as facts.

Sessions and their close times, trading rules as dated tables, codes, prices, and the panel: what was known of
prices, flows, statements and the benchmark at a given time.

What may enter: a rule or fact of the exchange, with its source. Nothing of strategies, money or files outside
the package's own tables.
"""
