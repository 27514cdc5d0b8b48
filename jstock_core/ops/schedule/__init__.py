"""The desk's runs in the schedulers of Linux, macOS and Windows, from one declaration in `params/desk.yaml`.

What may enter: the jobs, one file for each kind of scheduler that writes its files, their checks with the
platform's own tools, installing and removing them.
"""
