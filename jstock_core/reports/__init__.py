"""What a morning looks like to the people who read it.

- `model/`: the report as plain values: `Morning` is what it is made from, `Report` its sections, `Headline`
  its numbers
- `build/`: from the facts of a morning to the report, one file a section
- `render/`: the report shown as HTML, Markdown, text and PNG, and as files for other programs

What may enter: a section with its values, its builder and its tables. Nothing here decides, and nothing that
shows computes.
"""
