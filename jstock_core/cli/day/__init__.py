"""Commands that run a day or past days, and look back at what was published.

What may enter: a command of `desk.day`, or on the folder of runs.
"""
