"""The report as frozen plain values.

What may enter: a value that is built in `reports.build` and shown in `reports.render`. Nothing is computed
here but sums and rounding.

- `morning`: what a day's alerts and report are made from
- `report`: the whole report; `sections`: its sections
- `market/`: the market and its data; `decisions/`: signals, fills, what came of the decision before
- `money/`: positions, money, dividends, curves, the review; `provenance`: what the morning was decided on
- `lab/`: what cards of research show
- `codec`: the report as JSON and back
- `headline`: the numbers of a morning that a notebook records, and how they are read back
"""
