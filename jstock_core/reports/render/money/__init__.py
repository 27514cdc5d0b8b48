"""The money of groups and what they did, as tables and charts.

What may enter: a way to show values of `reports.model.money` that several pages share.
"""
