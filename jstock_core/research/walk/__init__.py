"""Walk-forward: parameters chosen on past sessions, and traded on the sessions that follow.

Spans are cut into windows (`windows`), every set of a sweep is measured over each train span, the best is
chosen by a declared criterion, and one backtest trades the choices one after the other.
What may enter: how sessions are split, how sets are chosen, and what came of them.
"""
