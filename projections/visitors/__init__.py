"""The visitors: who was here when, where they came from, and the pages that they saw."""
