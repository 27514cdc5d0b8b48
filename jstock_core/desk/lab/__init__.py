"""What an analyst asks of a desk: backtests, replays, universes, rules and their certificates, explanations.

What may enter: questions that journal nothing into the desk's own journal.
"""
