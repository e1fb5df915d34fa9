"""Search: which message holds which words, told by keyed digests only."""
