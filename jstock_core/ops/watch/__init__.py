"""How a command of the desk ended, and its records for other programs: heartbeat, metrics, logs.

What may enter: values of a run and their files. Whom to tell is not decided here.
"""
