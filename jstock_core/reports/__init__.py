"""Floor 4: what a morning looks like to the people who read it.

- `model`, `sections`: the report as plain values
- `facts`, `build`, `opinions`, `portfolio`, `execution`, `returns`: from journal and market to the sections
- `misses`, `parts`: what was not bought; `explain` (with `judged`, `verdicts`, `inputs`): why, for one stock
- `tables` (with `headlines`, `actions`, `evaluated`, `explained`), `charts`: values shown, in HTML, Markdown,
  text and PNG
- `table`, `cells`, `text`: how tables and values read, and how texts from outside are made harmless
- `files` (`sheet`): the files other programs read; `convert`: an executed notebook as a page and as Markdown

What is shown is in the model: tables, charts and files compute nothing of their own. Nothing here decides.
"""
