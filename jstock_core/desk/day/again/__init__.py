"""Decisions taken again: revised before the open, and held against corrected data afterwards.

What may enter: what compares a decision with another one of the same morning.
"""
