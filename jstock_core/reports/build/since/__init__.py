"""What came of the decision before, built from the facts of a morning.

`earlier` is the morning before as it saw the market; `outcomes`, `cash`, `triggers`, `turns` and `ahead` make
one part of the summary each, `summary` all of them.

What may enter: a comparison of then and now. What was known then is asked of the view of then.
"""
