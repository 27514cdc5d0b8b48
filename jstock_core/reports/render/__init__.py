"""The report's values shown. What may enter: a way to show a section. It computes nothing of its own.

- `page`: the morning page, a display for each of `sections/`; `headlines`: what stands above everything where
  the first screen is text; `triggers`, `turns`: stops and signals since then; `stock/`: pieces on one stock
- `review_page`, `quality_page`: a review, and the quality of data, for notebooks; `explanation`: its tables
- `parts/`: what pages are made of: tables, rows, tiles, figures, words, and HTML from `templates/` and the
  sheets of `styles/`; `svg/`: charts drawn from numbers
- `money/`: the tables and curves of performance
- `research/`: tables and cards of research; `lab/`: cards of one trial
- `outgoing/`: the mail, files for other programs, and a page printed by an installed browser
"""
