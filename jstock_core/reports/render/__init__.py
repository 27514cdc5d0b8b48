"""The report's values shown: tables and charts in HTML, Markdown, text and PNG, and files.

What may enter: a way to show a section. It computes nothing of its own.
"""
