"""The agent: somebody who answers, with a role that may limit what it reads."""
