"""Which network addresses may be asked: those of the public Internet, and those that are named.

A customer chooses a webhook's address, so it could name our own servers, the cloud's metadata or a
router: what is not public is refused. The list is kept here, since what Python's ``ipaddress``
counts as public differs from one release to the next; both must agree.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import (
    IPv4Address,
    IPv6Address,
    ip_address,
    ip_network,
)

_NOT_PUBLIC = tuple(
    map(
        ip_network,
        (
            # IANA's registries of special-purpose addresses, and what they superseded.
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",
            "240.0.0.0/4",
            "::/96",
            "::ffff:0:0:0/96",
            "64:ff9b:1::/48",
            "100::/64",
            "2001::/23",
            "2001:db8::/32",
            "3fff::/20",
            "5f00::/16",
            "fc00::/7",
            "fe80::/10",
            "fec0::/10",
            "ff00::/8",
        ),
    )
)

_NAT64 = ip_network("64:ff9b::/96")
"""Behind it lies the IPv4 address in the last four bytes."""

Address = IPv4Address | IPv6Address


class AllowedAddresses:
    """The rule. ``networks`` may be asked though they are private."""

    def __init__(self, networks: Iterable[str] = ()) -> None:
        self._networks = tuple(map(ip_network, networks))

    def allows(self, address: str, *, plain: bool) -> bool:
        """Whether this address may be connected to; ``plain``, without TLS, only where named."""
        found = _meant(ip_address(address.partition("%")[0]))
        if any(found in network for network in self._networks):
            return True
        return not plain and _is_public(found)


def _meant(address: Address) -> Address:
    """The address that is reached in the end: several kinds of IPv6 only wrap an IPv4 address."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address in _NAT64:
        return IPv4Address(address.packed[-4:])
    return address


def _is_public(address: Address) -> bool:
    listed = any(address in network for network in _NOT_PUBLIC)
    return address.is_global and not listed
