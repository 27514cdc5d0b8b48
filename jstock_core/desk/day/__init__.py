"""The day: from a trade date to recorded decisions and a published report.

What may enter: the steps of a morning, and the history a new desk is given.
"""
