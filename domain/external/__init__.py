"""What applications outside Parley keep in a tenant's log, through a bridge."""
