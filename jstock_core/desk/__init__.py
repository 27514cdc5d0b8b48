"""An open workspace and everything that is done with it.

- `settings`: the parameters of the desk, and how params files are edited
- `workspace`: the open `Desk` with its lock, journal and views
- `day`: from a trade date to recorded decisions and a published report
- `recording`, `trading`: what a trader records, asks and orders
- `care`: verification, backups, corrections, exports, imports
- `lookback`: published mornings listed, compared, decided again, tidied
- `trials`: what was ever tried, counted, and the sessions kept back from trying
- `past`: backtests, replays and reviews of past sessions
- `rules`: rules with their certificates, and universes
- `sweeps`: searches among parameters
- `lab`: a copy of the desk to try things on

What may enter: effects, on an open `Desk`. What is decided is decided in the rooms below.
"""
