"""Floor 4: what a morning looks like to the people who read it.

- `model`: the report as plain values; `signals`, `portfolio`, `execution`, `returns` fill its sections
- `text`, `tables`, `charts`: how values, tables and curves are shown, in HTML, Markdown and text
- `files`: the files other programs read; `convert`: an executed notebook as a page and as Markdown

What is shown is in the model: tables, charts and files compute nothing of their own. Nothing here decides.
"""
