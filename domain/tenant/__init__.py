"""The tenant: one customer of the installation, with its sites and API keys."""
