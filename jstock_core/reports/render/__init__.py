"""The report's values shown. What may enter: a way to show a section. It computes nothing of its own.

- `page`: the morning page, a display for each of `sections/`; `words`: what it says, in a language
- `markup`: HTML from `templates/`, and the sheets of `styles/`
- `table`: a table in HTML, Markdown and text, which escapes its texts; `cells`: cells that tables share
- `svg/`: charts drawn from numbers; `curves`: those of returns
- `figures`: parts of a section; `money`, `measured`: the tables of performance
- `rows`: facts in blocks of rows, in the same three forms; `triggers`, `turns`: stops and signals since then
- `headlines`: what stands above everything where the first screen is text
- `review_page`, `quality_page`: a review, and the quality of data, for notebooks
- `explanation`, `research`: tables of an explanation, of certificates and of metrics
- `mail`: the morning as a mail and as a push message
- `pdf`: a page printed by an installed browser
- `files`: tickets and signals for other programs; `sheet`: CSV for a spreadsheet
"""
