"""Certificates: the checks that a rule has passed, with its parameters and the data.

`certify` puts a rule, built in or a third party's, through the checks that its kind is `needed` to pass, on a
market that is cut, shortened, shuffled and thinned (`ground`): causality, start length, determinism,
independence, dead signals and, of exits and layers, quiet rows. A filter and a protection have no start
length, because what they do not know they refuse; a sizing is given no market, so that it can neither look
ahead nor lack history. The result is a frozen `Certificate` with a hash over everything it says; `seal` sees
whether a plug-in has replaced what the checks stand on; `store` keeps it in a workspace, where a decision's
provenance finds it by the rule's source and parameters.

What may enter: a check of a rule, and what it is asked on. Whoever reads certificates needs no check.
"""
