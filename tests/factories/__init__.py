"""Things that tests need, made with plausible values; each call may name what matters to it."""
