"""The market and its data in a report, built from the facts of a morning.

What may enter: what is known without any group.
"""
