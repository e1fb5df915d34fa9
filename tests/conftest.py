"""The fixtures that more than one folder of tests shares."""

pytest_plugins = [  # one that stands on another comes after it, so that pytest sees both first
    "tests.fixtures.postgres",
    "tests.fixtures.product",
    "tests.fixtures.stack",
    "tests.fixtures.redis",
    "tests.fixtures.cluster",
    "tests.fixtures.frames",
]
