"""All runs of a workspace: read from their manifests, summarized, listed on a page.

What may enter: what is made of published runs as they lie in the runs folder, without a desk.

- `reading`: the manifests; `summary`: a run in a few values; `summaries`: those of all runs, kept beside them
- `frame`: all runs as a table for pandas
- `page`: `index.html`, with its calendar in `calendar`
- `replay`: one page that steps through many mornings
- `pruning`: which runs are of no use any more, and their removal
"""
