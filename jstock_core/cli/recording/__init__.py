"""Commands by which a person tells the desk what happened: fills, cash, and what the broker counts.

What may enter: a command of `desk.recording`, with its questions and what it shows.
"""
