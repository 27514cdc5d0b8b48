"""Which facts are in force: corrected, renamed, and as they stood before a morning.

What may enter: pure functions of events. Nothing is read or written.
"""
