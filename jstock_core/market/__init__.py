"""Floor 0: the market as facts.

Sessions and their close times, trading rules as dated tables, codes, and the panel: what was known of
prices, flows, statements and the benchmark at a given time. Nothing here knows of strategies, money or files
outside the package's own tables.
"""
