"""What was decided of stocks, why, and what became of it, built from the facts of a morning.

What may enter: what is said of stocks, orders and fills. Sums of money are in `money`.
"""
