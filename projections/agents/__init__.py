"""The agents of a tenant: who can be given a conversation, and who is there."""
