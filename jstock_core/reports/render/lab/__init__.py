"""Cards of the laboratory: its data, a trial, a stock's candles with fills, and what a change makes of them.

What may enter: functions from values of `reports.model.lab` to a `Display`. What many trials prove is in
`research`.
"""
