"""A corpus of bad inputs, each with the figures that its files must come to."""
