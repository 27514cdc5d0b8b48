"""What a decision is given besides book and market: conditions of the desk, halts, late data.

What may enter: values, and what is found out about them before any group decides.
"""
