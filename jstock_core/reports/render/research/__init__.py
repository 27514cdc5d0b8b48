"""Tables and cards of research: sweeps, walk-forwards, chance, certificates, parity, promotion.

What may enter: functions from values of research, or tables, to a `Display`. Cards of one trial are in `lab`.
"""
