"""The actions of a trader: portfolio, profit and loss, orders, cash, reconciliation, tax.

What may enter: one file an action of `jstock trade`. What only reads what is owned is in `portfolio/`.
"""
