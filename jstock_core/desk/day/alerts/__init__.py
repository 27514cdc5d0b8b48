"""Alerts of a morning: what a person must know of it, found before any report is built.

What may enter: functions from what a morning knows to alerts; nothing here is recorded or sent.
"""
