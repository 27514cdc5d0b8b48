"""Floor 2: from wishes to legal tickets, and from tickets to fills.

Ranking and sizing, the shares and limits the exchange accepts, netting across groups, the paper broker.
Reads panels and books; decides nothing about whether to trade.
"""
