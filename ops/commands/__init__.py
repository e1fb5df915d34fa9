"""The commands of ``parley``, one file a group. They talk to people; the work is elsewhere."""
