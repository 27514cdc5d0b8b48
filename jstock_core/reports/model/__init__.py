"""The report as plain values.

What may enter: frozen dataclasses of what a section shows. Nothing that computes.
"""
