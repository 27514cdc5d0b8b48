"""What leaves the desk: files for other programs, the mail, the page as PDF.

What may enter: a form in which values of a report are read outside of notebook and page.
"""
