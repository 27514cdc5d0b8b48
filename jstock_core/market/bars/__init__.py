"""Which bars can be trusted, and the closes that follow from them.

What may enter: pure functions of a panel that judge a bar by the bars before it, and closes of trusted bars.
"""
