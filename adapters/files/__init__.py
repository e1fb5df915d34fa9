"""The store of files, and what looks at their content."""
