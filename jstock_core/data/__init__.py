"""Floor 1: facts from providers, checked, stored as they were traded, and loaded as a panel.

Raw rows enter here in the shape of J-Quants V2 and nowhere else; codes become four characters when the
panel is loaded.
"""
