"""Published months: frozen, and restated in a new edition where what they say has changed."""
