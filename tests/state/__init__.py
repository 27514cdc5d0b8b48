"""Tests of the state room; `facts` has short ways to write events."""
