"""Other Python processes: what runs there, with which clock, and how values travel to them and back.

What may enter: starting and asking processes, and writing values down for them. Who shares out work among
processes is `sweep`; what is asked of them is `certificates` and `proof`.
"""
