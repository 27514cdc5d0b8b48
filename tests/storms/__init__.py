"""Storms over a whole desk: real commands killed, its files damaged, many people recording at once."""
