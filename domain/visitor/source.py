"""Where a visit comes from, told by its first page: address and referrer, and nothing else.

What a link says of itself (UTM parameters, an advertiser's click id) goes before the referrer,
which browsers shorten or leave out. One pure rule, for profiles and reports alike.
"""

from __future__ import annotations

import re
from urllib.parse import SplitResult, parse_qs, urlsplit

from msgspec import Struct

from domain.conversation.events import Page

MAX_WORD = 100
"""Characters of a source's name, medium or campaign: what a report's row can show."""

MAX_PARAMETERS = 64
"""Parameters of an address that are looked at; no link that anybody made has more."""

DIRECT = "direct"
INTERNAL = "internal"
SEARCH = "search"
SOCIAL = "social"
REFERRAL = "referral"
PAID = "cpc"
TAGGED = "tagged"
"""The medium of a link that names its source or campaign and no medium."""

_ENGINES = {
    "google": r"google\.[a-z]{2,3}(\.[a-z]{2})?|com\.google\.android\.googlequicksearchbox",
    "bing": r"(cn\.)?bing\.com",
    "duckduckgo": r"(html\.)?duckduckgo\.com",
    "yahoo": r"([a-z]+\.)?search\.yahoo\.(com|co\.jp)|yahoo\.com",
    "baidu": r"(m\.)?baidu\.com",
    "yandex": r"yandex\.[a-z]{2,3}(\.[a-z]{2})?|ya\.ru",
    "ecosia": r"ecosia\.org",
    "qwant": r"qwant\.com",
    "startpage": r"startpage\.com",
    "brave": r"search\.brave\.com",
    "kagi": r"kagi\.com",
    "sogou": r"(m\.)?sogou\.com",
    "so": r"(m\.)?so\.com",
    "naver": r"(m\.)?search\.naver\.com",
    "seznam": r"search\.seznam\.cz",
}
"""Search engines, and the hosts that each is known by (without ``www.``)."""

_NETWORKS = {
    "facebook": r"([a-z]+\.)?facebook\.com|fb\.me",
    "instagram": r"(l\.)?instagram\.com",
    "x": r"t\.co|x\.com|(mobile\.)?twitter\.com",
    "linkedin": r"([a-z]+\.)?linkedin\.com|lnkd\.in|com\.linkedin\.android",
    "youtube": r"(m\.)?youtube\.com|youtu\.be",
    "reddit": r"([a-z]+\.)?reddit\.com|com\.reddit\.frontpage",
    "pinterest": r"([a-z]+\.)?pinterest\.[a-z]{2,3}(\.[a-z]{2})?|pin\.it",
    "tiktok": r"(m\.)?tiktok\.com",
    "bluesky": r"bsky\.app|go\.bsky\.app",
    "mastodon": r"mastodon\.[a-z]+",
    "telegram": r"t\.me|web\.telegram\.org|org\.telegram\.messenger",
    "whatsapp": r"([a-z]+\.)?whatsapp\.com|wa\.me",
    "wechat": r"(mp\.)?weixin\.qq\.com",
    "weibo": r"([a-z]+\.)?weibo\.(com|cn)",
    "zhihu": r"(link\.)?zhihu\.com",
    "xiaohongshu": r"xiaohongshu\.com",
    "vk": r"(m\.)?vk\.com",
}
"""Networks, and the hosts that each is known by (without ``www.``)."""

_CLICKS = {"gclid": "google", "gbraid": "google", "wbraid": "google", "msclkid": "bing"}
"""Parameters that an advertiser puts on a paid click, and whose they are."""

_SAYING = re.compile("|".join(("utm_", "%", *_CLICKS)))
"""What there is in the query of an address that says something of itself. Most have none of it, and
to take one apart takes longer than all else here."""

_KNOWN = [
    (re.compile(hosts), medium, name)
    for medium, table in ((SEARCH, _ENGINES), (SOCIAL, _NETWORKS))
    for name, hosts in table.items()
]


class Source(Struct, frozen=True):
    """Where a visit comes from. ``medium`` is one of the words above, or what the link says.

    ``name`` is a search engine, a network, a host, or what the link says; empty where it is
    ``direct`` or ``internal``. ``campaign`` is None where none is named.
    """

    medium: str
    name: str = ""
    campaign: str | None = None


def source_of(page: Page) -> Source:
    """Where somebody comes from whose visit begins with this page.

    ``internal``: from a page of the same site, so that what came before it says more.
    """
    url = _split(page.url)
    said = _said(url)
    if said is not None:
        return said
    referrer = _split(page.referrer or "")
    host, own = _host(referrer), _host(url)
    if not host:
        return Source(DIRECT)
    if host == own:
        return Source(INTERNAL)
    for hosts, medium, name in _KNOWN:
        if hosts.fullmatch(host):
            return Source(medium, name)
    return Source(REFERRAL, _word(host))


def _said(url: SplitResult) -> Source | None:
    """What the link says of itself."""
    if not _SAYING.search(url.query):
        return None
    try:
        query = parse_qs(url.query, max_num_fields=MAX_PARAMETERS)
    except ValueError:
        return None
    name = _word(query.get("utm_source", [""])[0].casefold())
    medium = _word(query.get("utm_medium", [""])[0].casefold())
    campaign = _word(query.get("utm_campaign", [""])[0])
    clicked = next((whose for key, whose in _CLICKS.items() if key in query), "")
    if not (name or medium or campaign or clicked):
        return None
    return Source(medium or (PAID if clicked else TAGGED), name or clicked, campaign or None)


def _split(text: str) -> SplitResult:
    """The parts of an address; of one that is none, nothing."""
    try:
        return urlsplit(text)
    except ValueError:
        return SplitResult("", "", "", "", "")


def _host(url: SplitResult) -> str:
    return (url.hostname or "").removeprefix("www.")


def _word(text: str) -> str:
    """A text as a report shows it: one line of bounded length."""
    printable = text
    if not text.isprintable():
        printable = "".join(each if each.isprintable() else " " for each in text)
    return " ".join(printable.split())[:MAX_WORD].strip()
