"""What everything else stands on: money, time, words and named points of failure. No models."""
