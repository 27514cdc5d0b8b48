"""Cards of the laboratory: its data, trials, a stock's candles with fills, and differences.

What may enter: functions from values of `reports.model.lab.lab`, or tables, to a `Display`.
"""
