"""A report as it is asked for, and what of that cannot be."""

from __future__ import annotations

from datetime import date

from msgspec import Struct

from domain.errors import Refused
from projections.analytics.metrics import REPORTS, Report
from projections.analytics.periods import EVERY
from projections.values import check

NONE = "none"
"""A filter by it finds what has no agent, department or site."""


class Filters(Struct, frozen=True):
    """What rows are limited to; None is no limit. ``source`` and ``tag`` are in plain words."""

    agent: str | None = None
    department: str | None = None
    site: str | None = None
    source: str | None = None
    tag: str | None = None

    @property
    def given(self) -> dict[str, str]:
        """Those that are limits."""
        fields = {name: getattr(self, name) for name in self.__struct_fields__}
        return {name: value for name, value in fields.items() if value is not None}


class Question(Struct, frozen=True):
    """Which report, of which days (``end`` is not one of them), cut how.

    ``by`` is a dimension. ``business``: times are counted in business hours. ``at``: as of this
    position of the log, None is now.
    """

    report: str
    start: date | None = None
    end: date | None = None
    every: str = "day"
    by: str | None = None
    filters: Filters = Filters()
    business: bool = False
    at: int | None = None

    def checked(self) -> Report:
        """The report that it is about. Raises Refused for what no report can answer."""
        report = REPORTS.get(self.report)
        if report is None:
            raise Refused("not_found", "There is no such report.")
        if self.by is not None and self.by not in report.by:
            allowed = ", ".join(report.by)
            raise Refused("bad_request", f"This report is cut by one of {allowed}, or not at all.")
        if self.every not in EVERY:
            raise Refused("bad_request", f"A report is by one of {', '.join(EVERY)}.")
        check(self.filters.given.values())
        return report
