"""Options that many commands have, so that they are called and explained the same everywhere."""

from __future__ import annotations

import click

tenant_option = click.option("--tenant", required=True, help="Whose: the tenant's name.")
json_option = click.option("--json", "as_json", is_flag=True, help="JSON.")
