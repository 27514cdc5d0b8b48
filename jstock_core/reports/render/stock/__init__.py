"""What the page shows of one stock, wherever it stands: its link, its score in parts, its candles.

What may enter: a piece that several sections share, made from values of the model and the words.

- `links`: where the explanation of a stock is
- `scores`: a score as a bar of its parts, and the parts in words
- `candles`: the sessions of an explained stock as a chart
- `views`: an explained stock as its template shows it
"""
