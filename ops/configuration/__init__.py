"""A tenant's configuration as one file, and back in: its form, its writing, what it asks."""
