"""Statistics of how far chance explains a result: a Sharpe ratio, the best of many sets, alpha.

What may enter: pure functions of returns and of the number of trials, each with its source. They know neither
groups nor sweeps.
"""
