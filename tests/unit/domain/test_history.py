"""Which history a process knows: each change is told once, and by what it surely is."""

from __future__ import annotations

from domain.history import Change, History


def known() -> tuple[History, list[Change]]:
    """A history that has been met, and what is told of it."""
    history, told = History(), list[Change]()
    history.on_change(told.append)
    history.connected("one", "monday")
    return history, told


def test_the_first_that_is_found_is_no_news() -> None:
    """Nor is one more connection to the same, nor one more look at it."""
    history, told = known()
    history.connected("one", "monday")
    history.found("one")
    assert (told, history.number, history.epoch) == ([], 0, "one")


def test_another_epoch_is_another_history() -> None:
    """A connection finds it, or a look: whoever is second brings no news."""
    history, told = known()
    history.connected("two", "tuesday")
    history.found("two")
    assert (told, history.number) == ([Change.HISTORY], 1)
    history.found("three")
    history.connected("three", "wednesday")
    assert (told[1:], history.epoch) == ([Change.HISTORY, Change.SERVER], "three")


def test_a_server_that_was_started_anew_may_have_another_history() -> None:
    """Its epoch is the same where a directory was put back by hand."""
    history, told = known()
    history.connected("one", "tuesday")
    assert (told, history.number) == ([Change.SERVER], 1)


def test_a_log_that_went_back_says_so_too() -> None:
    """Whatever shows it: nothing that was known before counts."""
    history, told = known()
    history.replaced()
    assert (told, history.number) == ([Change.HISTORY], 1)
