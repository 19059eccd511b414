"""The mail of the sandbox: whatever is sent from it ends in one mailbox that everybody can read."""
