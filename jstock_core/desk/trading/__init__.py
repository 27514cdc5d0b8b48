"""What a trader asks of the desk or tells it: portfolio, profit, orders, cash, reconciliation, tax.

What may enter: one file an action of `jstock trade`. What only reads what is owned is in `portfolio/`.
"""
