"""The visitor: somebody on a site, with at most one open conversation."""
