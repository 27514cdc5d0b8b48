"""Sets of parameters on their way to the desk: looked at, compared, promoted with a record.

What may enter: what a person does with a candidate or a group file as a whole. The records of promotions are
read by the day as well (`workspace.kept.promotions`); nothing but a promotion writes a group file here.
"""
