"""The ways by which messages go to people, one file a kind.

- `notifier`: what every way can do
- `smtp`, `push`, `webhook`: mail, pushes through Apprise, JSON to an address of HTTP
- `hush`: a library's own log kept quiet while it sends

What may enter: how one message is packed and sent. Whom it is for, and when, is decided before.
"""
