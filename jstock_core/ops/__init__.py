"""What runs the desk without a person, and tells people what they must know.

- `watch`: how a command ended, and the records of it for other programs
- `schedule`: the files of schedulers, made from one declaration
- `notify`: messages, the ways they go, and the outbox that delivers each once
- `parameters`: whether the files of parameters are sound, and what they may say
- `health`: whether the desk is fit to run, and whether it ran
- `jobs`: what a schedule starts: the morning, the reminder, the evening

What may enter: effects around the commands of the desk. Nothing here decides, and no failure here is the
failure of a day.
"""
