"""What a trader asks of the desk or tells it: portfolio, profit, orders, cash, reconciliation, tax.

What may enter: one file a question or action of `jstock trade`.
"""
