"""Which addresses may be asked."""

from __future__ import annotations

import pytest

from adapters.webhooks.addresses import AllowedAddresses

PUBLIC = ("93.184.215.14", "8.8.8.8", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "64:ff9b::808:808")
NOT_PUBLIC = (
    *("0.0.0.0", "10.1.2.3"),  # noqa: S104  # nobody listens there
    *("100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254"),
    *("172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.168.1.1", "198.18.0.1"),
    *("198.51.100.1", "203.0.113.1", "192.88.99.1", "224.0.0.1", "239.1.1.1", "240.0.0.1"),
    *("255.255.255.255", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "fec0::1"),
    *("ff02::1", "2001:db8::1", "2001::1", "100::1", "3fff::1", "5f00::1", "64:ff9b:1::1"),
    # IPv6 around an IPv4 address: mapped, compatible, translated, NAT64, 6to4, Teredo.
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1"),
    *("2002:7f00:1::1", "2002:c0a8:101::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2"),
    *("::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "::ffff:0:7f00:1", "::ffff:0:808:808"),
)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_may_be_asked_with_tls(address: str) -> None:
    """Those of the Internet, also behind the translation of an IPv6-only network."""
    assert AllowedAddresses().allows(address, plain=False)
    assert not AllowedAddresses().allows(address, plain=True)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_nothing_else_may(address: str) -> None:
    """Private, loopback, link-local, multicast, reserved, and all that leads there."""
    for networks in ((), ("10.200.0.0/16", "fd77::/16")):
        allowed = AllowedAddresses(networks)
        assert not allowed.allows(address, plain=False)
        assert not allowed.allows(address, plain=True)


@pytest.mark.parametrize(
    ("network", "address"),
    [
        ("10.1.0.0/16", "10.1.2.3"),
        ("10.1.0.0/16", "::ffff:10.1.2.3"),
        ("10.1.0.0/16", "64:ff9b::a01:203"),
        ("127.0.0.0/8", "127.0.0.1"),
        ("fd12::/16", "fd12::1"),
        ("::1/128", "::1"),
    ],
)
def test_a_named_network_may_be_asked(network: str, address: str) -> None:
    """With TLS and without; its neighbours may not."""
    allowed = AllowedAddresses((network,))
    assert allowed.allows(address, plain=False)
    assert allowed.allows(address, plain=True)
    assert not allowed.allows("10.2.0.1", plain=False)
    assert not allowed.allows("fd13::1", plain=False)
