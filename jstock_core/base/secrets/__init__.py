"""Secrets: kept outside of files, and found where they are about to be shown or sent.

What may enter: what keeps a secret from leaving this machine.
"""
