"""What a site's chat may look like, and what its forms may ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.errors import Refused
from domain.limits import (
    MAX_FIELDS,
    MAX_LANGUAGES,
    MAX_LONG_TEXT,
    MAX_OFFSET,
    MAX_OPTIONS,
    MAX_SHORT_TEXT,
)
from domain.tenant import checks
from domain.tenant import values as v

if TYPE_CHECKING:
    from domain.tenant.state import Tenant

THEMES = ("light", "dark", "auto")
SIDES = ("right", "left")
LAUNCHERS = ("round", "bar")
KINDS = ("text", "email", "tel", "select", "textarea", "checkbox")
SELECT = "select"
MEANT = {
    "name": ("text",),
    "email": ("email",),
    "phone": ("tel",),
    "department": (SELECT,),
    "question": ("text", "textarea"),
}
"""The keys of fields that mean something to Parley, and of which kinds they are."""

LONG = ("subtitle", "greeting", "away", "thanks")
"""The words of a chat that are more than a label."""


def check(key: str, value: v.Appearance, tenant: Tenant) -> None:
    """Refuse what no site's chat can look like, and a site that is not here."""
    if key not in tenant.sites:
        raise Refused("not_found", "There is no such site.")
    checks.matching(value.color, "color", "#[0-9A-Fa-f]{6}", "a colour such as #2f5bea")
    checks.one_of(value.theme, "theme", THEMES)
    checks.one_of(value.side, "side", SIDES)
    checks.number(value.offset_x, "offset_x", 0, MAX_OFFSET)
    checks.number(value.offset_y, "offset_y", 0, MAX_OFFSET)
    checks.one_of(value.launcher, "launcher", LAUNCHERS)
    if value.language is not None:
        checks.language(value.language, "language")
    _check_texts(value.texts)
    for name in ("prechat", "offline"):
        form = getattr(value, name)
        if form is not None:
            _check_form(form, name)


def _check_texts(given: dict[str, v.SiteTexts]) -> None:
    checks.few(given, "texts", MAX_LANGUAGES)
    for tag, texts in given.items():
        checks.language(tag, "texts")
        for name in texts.__struct_fields__:
            text, field = getattr(texts, name), f"texts.{tag}.{name}"
            if name not in LONG:
                checks.line(text, field, MAX_SHORT_TEXT, least=0)
            elif text:
                checks.prose(text, field, MAX_LONG_TEXT)


def _check_form(form: v.Form, name: str) -> None:
    checks.texts(form.intro, f"{name}.intro", MAX_LONG_TEXT, least=0)
    if not form.fields:
        checks.refuse(f"{name}.fields", "has at least one field; without a form it is null")
    checks.few((field.key for field in form.fields), f"{name}.fields", MAX_FIELDS)
    for number, field in enumerate(form.fields):
        _check_field(field, f"{name}.fields[{number}]")


def _check_field(field: v.Field, place: str) -> None:
    checks.matching(
        field.key,
        f"{place}.key",
        "[a-z][a-z0-9_]{0,31}",
        "a word of at most 32 small letters, digits and underscores",
    )
    checks.one_of(field.kind, f"{place}.kind", MEANT.get(field.key, KINDS))
    checks.texts(field.label, f"{place}.label", MAX_LONG_TEXT)
    if field.options and field.kind != SELECT:
        checks.refuse(f"{place}.options", "are for a select only")
    if not field.options and field.kind == SELECT and field.key != "department":
        checks.refuse(f"{place}.options", "are missing: a select has at least one")
    if len(field.options) > MAX_OPTIONS:
        checks.refuse(f"{place}.options", f"are {MAX_OPTIONS} at most")
    for option in field.options:
        checks.texts(option, f"{place}.options", MAX_SHORT_TEXT)
