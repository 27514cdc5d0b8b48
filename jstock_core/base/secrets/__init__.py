"""Secrets: named in files and kept outside of them, and found where they are about to be shown.

What may enter: what keeps secrets out of files, outputs and messages, and off open connections.
"""
