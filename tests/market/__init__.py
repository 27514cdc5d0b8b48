"""The market as facts: sessions, rules, codes, the panel, publication times."""
