"""The fixtures that more than one folder of tests shares."""

pytest_plugins = [
    "tests.fixtures.cluster",
    "tests.fixtures.postgres",
    "tests.fixtures.product",
    "tests.fixtures.stack",
]
