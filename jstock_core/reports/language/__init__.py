"""The languages in which a report is read: the core speaks English, and what is shown is translated here.

What may enter: the catalogue of a language and how a text is looked up in it. Nothing of a report is known.

- `ja.po`: the texts in Japanese, in the format of GNU gettext. Entries without context are texts of pages,
  with places such as `{n}`; those with the context "core" are sentences that the core makes in English
- `catalogue`: reads it
- `sentences`: shows a sentence of the core
- `sectors`: the sectors of TSE in both languages
"""
