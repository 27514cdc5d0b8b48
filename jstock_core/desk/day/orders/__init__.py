"""The orders of a decided morning: which wait for approval, which may be placed, and as what file.

What may enter: functions of orders that a morning has decided.
"""
