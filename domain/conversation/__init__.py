"""The conversation: one visitor talks with agents. The aggregate that chat is about."""
