"""From the address of a caller to the network it stands for."""

from functools import lru_cache
from ipaddress import ip_address, ip_network


@lru_cache(maxsize=4096)
def network(address: str, bits: int, bits_of_4: int) -> str:
    """The network of an address, of so many bits; of what is none, such as a socket's name, itself.

    >>> network("2001:db8::7", 64, 32), network("192.0.2.7", 64, 32), network("::ffff:192.0.2.7", 64, 24)
    ('2001:db8::/64', '192.0.2.7', '192.0.2.0/24')
    """
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if found.version == 6:
        # A server that listens to both sees IPv4 so.
        mapped = found.ipv4_mapped
        if mapped is None:
            return str(ip_network((found, bits), strict=False))
        found = mapped
    return str(found) if bits_of_4 == 32 else str(ip_network((found, bits_of_4), strict=False))
