"""Session views: one row for each conversation, for lists, desks and reports."""
