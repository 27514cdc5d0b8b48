"""The report as frozen plain values.

What may enter: a value that is built in `reports.build` and shown in `reports.render`. Nothing is computed
here but sums and rounding.

- `morning`: what a day's alerts and report are made from
- `report`: the whole report; `sections`, `curves`, `evaluation`, `guards`: its sections
- `portfolio`: positions, money, dividends; `since`: what came of the decision before
- `data`, `provenance`: what the morning was decided on
- `codec`: the report as JSON and back
- `headline`: the numbers of a morning that a notebook records, and how they are read back
"""
