"""The data sets as tables: columns, types, keys, and the boundary that normalises what is delivered.

What may enter: a data set, a column or a form of delivery.
"""
