"""The limits that the domain's own rules set on what people write. Characters, unless said.

They are part of the contract with clients (``docs/protocol.md``), so they are not settings.
"""

MAX_TEXT = 10_000
MAX_COMMENT = 2_000
MAX_TAG = 64
MAX_TAGS = 32
MAX_URL = 2_048
MAX_TITLE = 512
MAX_NAME = 200
MAX_EMAIL = 320
MAX_PHONE = 64
MAX_ATTRIBUTES = 32
MAX_ATTRIBUTE = 64
"""Of an attribute's name; its value is a ``MAX_ATTRIBUTE_VALUE`` at most."""
MAX_ATTRIBUTE_VALUE = 500
MAX_REFERENCE = 64
"""Of the id of a rule or a status."""
MAX_SKILLS = 32
MAX_CAPACITY = 1_000
MAX_WEBHOOKS = 32
MAX_GOALS = 32
MAX_SHIFTS = 8
MAX_HOLIDAYS = 400
