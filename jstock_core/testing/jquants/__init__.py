"""A local server that speaks J-Quants' protocol, with limits, plans, files of history and faults on script.

It serves an `Exchange`: the simulated market, many copies of it, or tables of one's own, over real HTTP on
this machine, by a clock that a test moves. `docs/jquants.md` shows how to use it.

What may enter: what J-Quants' documents say of the server's side, and what can go wrong with it.
"""
