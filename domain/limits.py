"""The limits that the domain's own rules set on what people write. Characters, unless said.

They are part of the contract with clients (``docs/protocol.md``), so they are not settings.
"""

MAX_TEXT = 10_000
MAX_COMMENT = 2_000
MAX_TAG = 64
MAX_TAGS = 32
MAX_URL = 2_048
MAX_TITLE = 512
MAX_PASSED = 16
"""Pages that a visitor may be said to have passed before the one it is on."""
MAX_NAME = 200
MAX_EMAIL = 320
MAX_PHONE = 64
MAX_ATTRIBUTES = 32
MAX_ATTRIBUTE = 64
"""Of an attribute's name; its value is a ``MAX_ATTRIBUTE_VALUE`` at most."""
MAX_ATTRIBUTE_VALUE = 500
MAX_REFERENCE = 64
"""Of the id of a rule or a status."""
MAX_WEBHOOKS = 32
MAX_GOALS = 32
MAX_SHIFTS = 8
MAX_HOLIDAYS = 400
MAX_WORD = 32
MAX_LANGUAGES = 32
MAX_DEPARTMENTS = 100
MAX_REPLIES = 500
MAX_RULES = 64
MAX_STATUSES = 16
MAX_SITES = 100
MAX_ORIGINS = 100
"""Of a site: each is looked at whenever one of its pages asks."""
MAX_ORIGIN = 300
"""A host has 253 characters, and a scheme and a port stand beside it."""
MAX_REMOVED_SITES = 20
"""Of those that were removed, how many can be had again: the last ones."""
SITE_SECRET_GRACE_S = 86_400
"""Seconds for which a site's old secret is good beside a new one. A day: its server is changed in
working hours."""
MAX_SUGGESTED_TAGS = 200
MAX_SKILLS = 32
MAX_ORDER = 9_999
MAX_WELCOME = 1_000
MAX_CAPACITY = 1_000
MAX_WAIT_S = 86_400
MAX_OFFSET = 500
MAX_SHORT_TEXT = 80
MAX_LONG_TEXT = 1_000
MAX_FIELDS = 16
MAX_OPTIONS = 50
MAX_FILE_NAME = 255
