"""The report of a morning built from its facts: one file a section, one room where a section has many parts.

What may enter: a file that makes one section of `reports.model` from `Facts`. Showing it is `reports.render`.

- `market/`, `decisions/`, `since/`, `money/`: the sections; `header`, `origins`, `provenance`: of the whole
- `report`: all of them; `actions`: what needs action alone
"""
