"""The simulated market: 61 fictitious securities, TOPIX, flows and statements, for working without a vendor.

A pure function of the seed and the session: extending it by a day changes no earlier day, and fetching in
any pieces gives the same rows. `companies.csv` says who is in it, `events.csv` what is scripted to happen.

What may enter: what moves a simulated number. Any change to a number raises `randomness.VERSION`.
"""
