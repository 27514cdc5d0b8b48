"""What groups own, what they did against TOPIX, and what was won by what.

What may enter: figures of a group or of the whole desk.
"""
