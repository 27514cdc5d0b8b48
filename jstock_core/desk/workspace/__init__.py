"""The open desk: its folder, parameters, clock, lock, journal and views.

What may enter: what every action of the desk needs. No action of a trader or an analyst.
"""
