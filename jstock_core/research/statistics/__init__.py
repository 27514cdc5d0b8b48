"""How far chance explains a result: what is known of a Sharpe ratio, of the best of many, of alpha.

What may enter: statistics of returns and of the number of trials, each with its source. They are pure, and
know neither groups nor sweeps.
"""
