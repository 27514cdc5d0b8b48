"""J-Quants API V2 as a provider: a thin client, and what the desk asks it for.

- `plans`, `endpoints`: what may be asked, how often, and what the columns are
- `keys`, `limits`, `transport`: one request, with the key, within the limits, repeated where that helps
- `answers`, `client`: pages, files and tables, checked against the question
- `planning`, `fetching`, `probe`, `provider`: which requests bring a data set at least cost

What may enter: what J-Quants' documents say (jpx-jquants.com/en/spec). Nothing here keeps rows.
"""
