"""Receives webhooks: verify, store, answer within milliseconds; then start the process they hint at, by its name."""
