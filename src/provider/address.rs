//! Which IP addresses belong to the public internet.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address is neither loopback, private, link-local, shared, multicast nor reserved
/// (RFC 6890). An IPv6 address that carries an IPv4 one is what that one is.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = match a {
        // Shared address space (RFC 6598).
        100 => b & 0b1100_0000 == 64,
        169 => b == 254,
        172 => b & 0b1111_0000 == 16,
        // 192.0.0.0/24 is for protocols (RFC 6890 §2.2.2), 192.0.2.0/24 for documents (RFC 5737),
        // 192.88.99.0/24 was for relays of 6to4 (RFC 7526).
        192 => b == 168 || matches!((b, c), (0, 0 | 2) | (88, 99)),
        // Benchmarks (RFC 2544), documents (RFC 5737).
        198 => b & 0b1111_1110 == 18 || (b == 51 && c == 100),
        203 => b == 0 && c == 113,
        // This network, private, loopback; multicast, reserved and broadcast.
        0 | 10 | 127 | 224.. => true,
        _ => false,
    };
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(inner) = inner_v4(address) {
        return is_public_v4(inner);
    }
    let [first, second, ..] = address.segments();
    // 2001::/23 is for protocols, Teredo among them, which leads to an IPv4 address (RFC 4380);
    // 2001:db8::/32 and 3fff::/20 are for documents (RFC 3849, RFC 9637).
    let special = match first {
        0x2001 => second < 0x200 || second == 0xdb8,
        0x3fff => second < 0x1000,
        _ => false,
    };
    // Global unicast is 2000::/3.
    first & 0xe000 == 0x2000 && !special
}

/// The IPv4 address inside a mapped (RFC 4291), translated (RFC 6052) or 6to4 (RFC 3056) one.
fn inner_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let from = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        Ipv4Addr::new(a, b, c, d)
    };
    match address.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            Some(from(high, low))
        }
        [0x2002, high, low, ..] => Some(from(high, low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_addresses_are_not_public() {
        let special = [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.9.9.9",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.168.1.1",
            "198.19.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::7f00:1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b::7f00:1",
            "64:ff9b::6440:1",
            "64:ff9b:1::a9fe:a9fe",
            "2002:7f00:1::",
            "2002:a9fe:a9fe::1",
            "2001:0:7f00:1::",
            "2001:0:4136:e378:8000:63bf:5601:5601",
            "2001:db8::1",
            "3fff:fff::1",
            "192.0.2.1",
            "192.88.99.1",
            "198.51.100.1",
            "203.0.113.1",
            "240.0.0.1",
            "::ffff:169.254.169.254",
            "::ffff:0.0.0.0",
            "::127.0.0.1",
            "fd00:ec2::254",
            "fec0::1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "ff02::1",
        ];
        for text in special {
            assert!(!is_public(text.parse().unwrap()), "{text}");
        }
        for text in [
            "1.1.1.1",
            "100.128.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "2001:200::1",
            "2606:4700::1111",
            "2a00:1450::1",
            "64:ff9b::101:101",
            "::ffff:1.1.1.1",
        ] {
            assert!(is_public(text.parse().unwrap()), "{text}");
        }
    }
}
