"""The open desk: its folder, parameters, clock, lock, journal and views.

What may enter: what every action of the desk needs. No action of a trader or an analyst.

- `workspace`: the folder; `desk`: the folder opened; `journal`, `lock`, `commit`, `views`: how it is written
- `kept/`: files beside the journal; `checks/`: the journal held against what changes around it
- `dates`, `names`, `author`, `sheets`: what commands have in common
"""
