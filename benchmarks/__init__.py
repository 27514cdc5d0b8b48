"""How long the desk's work takes, beside plain baselines measured in the same run."""
