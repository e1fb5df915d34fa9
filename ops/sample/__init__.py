"""The sample: a believable week of a small shop, to look at and to try everything on.

Everything in it was decided by the product's own rules, on the times at which it is said to have
happened; nothing is drawn but who came, when, and what about. It fills a tenant that does not exist
yet, in one transaction.
"""
