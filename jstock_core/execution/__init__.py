"""From what a group wants to buy or sell to orders that the exchange accepts, and from orders to fills.

Ranking and sizing of candidates, price limits and trading units, netting across groups, costs, dividends,
splits, and the paper broker. What may enter: pure functions of panels and books. Whether to trade is decided
elsewhere.
"""
