"""The file: something that a visitor or an agent sends in a conversation, besides text."""
