"""The execution of a notebook.

What may enter: the mechanics of notebooks. What a run means for the desk does not.

- `parameters`: the parameters that a notebook declares, and whether given ones fit them
- `execute`: runs a notebook and judges how it ended; `watched` runs papermill in a thread with a time
  limit, in a `kernel` of this environment, whose program is `launch`
- `scraps`: values recorded in a notebook, and read from an executed one
- `convert`: an executed notebook as a page and as Markdown; `shell`: what is around a page (`templates/`)
- `golden`: the executed notebooks that the tests compare with
"""
