"""The outbox: messages to be sent, what became of each, and what was told already.

It lies where the journal lies: on a server in the same database, else in a SQLite file beside the journal's.
The journal's own file is compared byte for byte with what was last written, is copied into backups and put
back from them, and none of that may touch a message.

What may enter: the rows, their tables, and where they lie. What a message says and who gets it is decided
outside.
"""
