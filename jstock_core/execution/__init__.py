"""From wishes to legal tickets, and from tickets to fills.

Ranking and sizing, the shares and limits the exchange accepts, netting across groups, the paper broker.
What may enter: pure functions of panels and books. Whether to trade is not decided here.
"""
