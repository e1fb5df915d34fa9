"""Types as schemas of AsyncAPI, whose dialect is JSON Schema draft 7."""

from __future__ import annotations

from collections.abc import Sequence
from inspect import cleandoc
from typing import Any

import msgspec

Json = dict[str, Any]


class Schemas:
    """The schemas of some types and of all that is in them, under names that begin with ``group``.

    One type may look different to different readers, so each group has its own.
    """

    def __init__(self, group: str, types: Sequence[Any]) -> None:
        prefix = f"{group}."
        references, found = msgspec.json.schema_components(
            types, ref_template=f"#/components/schemas/{prefix}{{name}}"
        )
        self._references = list(zip(types, map(_in_draft_7, references), strict=True))
        self._prefix = prefix
        self.components: Json = {prefix + name: _in_draft_7(form) for name, form in found.items()}

    def of(self, wanted: Any) -> Json:
        """The schema of a type, as one refers to it."""
        return next(form for of, form in self._references if of is wanted)

    def whole(self, wanted: type) -> Json:
        """The schema of a Struct itself, to be amended."""
        form: Json = self.components[self._prefix + wanted.__name__]
        return form


def _in_draft_7(form: Any) -> Any:
    """A schema of msgspec's, which are of draft 2020-12, with its texts in Markdown.

    A ``discriminator`` goes: OpenAPI's means something else, and each of its forms says its tag.
    """
    if isinstance(form, list):
        return [_in_draft_7(each) for each in form]
    if not isinstance(form, dict):
        return form
    new = {name: _in_draft_7(each) for name, each in form.items() if name != "discriminator"}
    if "prefixItems" in new:
        new["additionalItems"] = new.pop("items", True)
        new["items"] = new.pop("prefixItems")
    if isinstance(new.get("description"), str):
        new["description"] = markdown(new["description"])
    return new


def markdown(doc: str) -> str:
    """A docstring as a text for readers of documents."""
    return cleandoc(doc).replace("``", "`")
