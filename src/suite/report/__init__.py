"""From boards to words and tables. Nothing here computes a statistic."""
