"""The terminal: its streams and signals, and what it shows: tables, errors on one screen, progress.

What may enter: a way to show something, or to ask for it, that several commands share. It knows no command.
"""
