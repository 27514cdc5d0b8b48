"""What cards of research show, as plain values.

What may enter: a value that the laboratory makes and `reports.render` shows; nothing of a morning's report.
"""
