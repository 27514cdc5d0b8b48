"""What a person or a broker says was filled: read, checked and journaled.

What may enter: forms of input, from a dialogue to a broker's CSV, and the checks on them.
"""
