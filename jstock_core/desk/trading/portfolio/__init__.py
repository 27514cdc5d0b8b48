"""What is owned, what moved it, and what was won and lost: as of a settled session.

What may enter: a question of `jstock trade` that is answered from the journal and the market. It only reads.
"""
