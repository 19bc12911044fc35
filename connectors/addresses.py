"""Which network addresses anybody on the internet could reach. Pure.

Whoever may type the address of a shop into a web page must not make the bridge call what only
the bridge can reach: its own machine, the network it stands in, the service that hands a cloud
machine its keys.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

_NAT64 = ip_network("64:ff9b::/96")
_NOT_FOR_SHOPS = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",  # this host on this network: some systems take it for themselves
        "100.64.0.0/10",  # shared by a provider's customers; 100.100.100.200 is a metadata service
        "168.63.129.16/32",  # a cloud's own agent, at a public-looking address
        "192.0.0.0/24",  # protocol assignments
        "192.88.99.0/24",  # relays from IPv6 to IPv4
        "198.18.0.0/15",  # benchmarks
        "::/96",  # IPv4 within IPv6, out of use
        "64:ff9b:1::/48",  # translation within one network
        "2001::/23",  # tunnels and other protocol assignments
        "2002::/16",  # IPv4 within IPv6: a tunnel to any address
        "fec0::/10",  # a site's own, out of use
    )
)


def is_public(address: str) -> bool:
    """Of an IP address as text, with or without a zone; what is no address is not public.

    IPv4 addresses that are written as IPv6 (mapped, or translated by NAT64) are judged as what
    they lead to.
    """
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    found = _within(found)
    if found.is_multicast or found.is_reserved or not found.is_global:
        return False
    return not any(found in network for network in _NOT_FOR_SHOPS)


def _within(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address
