"""From decisions to a published run: notebook, page, manifest, and what stays when one of them fails.

What may enter: effects of `jstock daily` after its decisions are recorded.
"""
