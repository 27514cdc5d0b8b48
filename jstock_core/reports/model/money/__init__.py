"""What groups own and what they did, as plain values.

What may enter: a value that `reports.build.money` makes.
"""
