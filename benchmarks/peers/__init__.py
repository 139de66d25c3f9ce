"""What else can be done with the same file: each a script of its own, as a user would write it."""
