"""The program: the tree of all commands, how a command is written, and the options that several share.

What may enter: what every command needs, and the words by which help lists them. No command is imported.
"""
