"""Commands of a trader: what to do this morning, what is owned, and why.

What may enter: a command of `desk.trading` or on the orders of a morning. What a person tells the desk is in
`recording`.
"""
