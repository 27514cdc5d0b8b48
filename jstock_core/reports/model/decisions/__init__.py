"""What was decided of stocks, why, and what came of it, as plain values.

What may enter: a value that `reports.build.decisions` or `reports.build.since` makes.
"""
