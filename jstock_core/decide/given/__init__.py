"""What a decision is given beside the market: conditions of the desk, halts, and data that is late.

What may enter: values, and what is judged of them before any group decides.
"""
