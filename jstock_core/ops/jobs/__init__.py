"""What a schedule starts, each job once: the morning, the reminder, the evening.

What may enter: commands of the desk with what follows them. The work itself is in the rooms below.
"""
