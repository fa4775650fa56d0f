//! The PROXY protocol, version 2: who the client of a load balancer is.
//!
//! `HAProxy`'s specification "The PROXY protocol", section 2.2. Only what a balancer sends for TCP is
//! taken; version 1 is refused, since a line of text can be made by a client.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use tokio::io::{AsyncRead, AsyncReadExt};

const SIGNATURE: [u8; 12] = *b"\r\n\r\n\0\r\nQUIT\n";
/// Bytes of addresses and extensions that are read at the most.
const LONGEST: u16 = 4_096;

/// What a balancer says of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Client {
    /// The connection is the balancer's own: a health check.
    Balancer,
    /// It is relayed for this client.
    At(SocketAddr),
}

/// Why there is no client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Malformed {
    /// The connection does not begin as it must.
    #[error("the connection does not begin with a PROXY protocol header, version 2")]
    Signature,
    /// The command is none.
    #[error("the PROXY protocol header has an unknown command")]
    Command,
    /// It is not about TCP over IP.
    #[error("the PROXY protocol header is not about TCP over IP")]
    Family,
    /// The addresses are cut short, or too long.
    #[error("the PROXY protocol header has a wrong length")]
    Length,
}

/// Reads the header that a balancer sends before anything else.
///
/// # Errors
/// Where the connection ends early or fails, or the header is malformed.
pub(super) async fn read(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Client> {
    let mut head = [0; 16];
    stream.read_exact(&mut head).await?;
    let bad = |error: Malformed| io::Error::new(io::ErrorKind::InvalidData, error);
    let len = rest_of(&head).map_err(bad)?;
    let mut rest = vec![0; usize::from(len)];
    stream.read_exact(&mut rest).await?;
    parse(&head, &rest).map_err(bad)
}

/// How many bytes follow the first 16.
fn rest_of(head: &[u8; 16]) -> Result<u16, Malformed> {
    let [.., high, low] = *head;
    if !head.starts_with(&SIGNATURE) {
        return Err(Malformed::Signature);
    }
    let len = u16::from_be_bytes([high, low]);
    if len > LONGEST { Err(Malformed::Length) } else { Ok(len) }
}

/// The client, from the first 16 bytes and those that follow.
///
/// # Errors
/// Where they are no header of version 2 about TCP over IP.
pub(super) fn parse(head: &[u8; 16], rest: &[u8]) -> Result<Client, Malformed> {
    rest_of(head)?;
    let [.., command, family, _, _] = *head;
    match command {
        0x20 => return Ok(Client::Balancer),
        0x21 => {}
        _ => return Err(Malformed::Command),
    }
    let (ip, ports): (IpAddr, &[u8]) = match family {
        0x11 => {
            let (source, rest) = rest.split_first_chunk::<4>().ok_or(Malformed::Length)?;
            (Ipv4Addr::from(*source).into(), rest.get(4..).unwrap_or_default())
        }
        0x21 => {
            let (source, rest) = rest.split_first_chunk::<16>().ok_or(Malformed::Length)?;
            (Ipv6Addr::from(*source).into(), rest.get(16..).unwrap_or_default())
        }
        _ => return Err(Malformed::Family),
    };
    // The source's port, then the destination's.
    let (port, _) = ports.split_first_chunk::<2>().ok_or(Malformed::Length)?;
    if ports.len() < 4 {
        return Err(Malformed::Length);
    }
    Ok(Client::At(SocketAddr::new(ip, u16::from_be_bytes(*port))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn header(command: u8, family: u8, rest: &[u8]) -> ([u8; 16], Vec<u8>) {
        let mut head = [0; 16];
        head[..12].copy_from_slice(&SIGNATURE);
        head[12] = command;
        head[13] = family;
        head[14..].copy_from_slice(&u16::try_from(rest.len()).unwrap().to_be_bytes());
        (head, rest.to_vec())
    }

    fn parsed(command: u8, family: u8, rest: &[u8]) -> Result<Client, Malformed> {
        let (head, rest) = header(command, family, rest);
        parse(&head, &rest)
    }

    #[test]
    fn clients_of_a_balancer() {
        let v4 = [10, 1, 2, 3, 10, 0, 0, 1, 0x1f, 0x90, 0x01, 0xbb];
        assert_eq!(parsed(0x21, 0x11, &v4), Ok(Client::At("10.1.2.3:8080".parse().unwrap())));
        // Extensions follow the addresses, and are passed over.
        let longer: Vec<u8> = v4.iter().copied().chain([4, 0, 1, 0]).collect();
        assert_eq!(parsed(0x21, 0x11, &longer), parsed(0x21, 0x11, &v4));
        let mut v6 = [0; 36];
        v6[15] = 1;
        v6[32..34].copy_from_slice(&[0, 80]);
        assert_eq!(parsed(0x21, 0x21, &v6), Ok(Client::At("[::1]:80".parse().unwrap())));
        assert_eq!(parsed(0x20, 0x00, &[]), Ok(Client::Balancer));
        assert_eq!(parsed(0x21, 0x11, &v4[..11]), Err(Malformed::Length));
        assert_eq!(parsed(0x21, 0x12, &v4), Err(Malformed::Family));
        assert_eq!(parsed(0x11, 0x11, &v4), Err(Malformed::Command));
    }

    proptest! {
        #[test]
        fn no_bytes_panic(head in any::<[u8; 16]>(), rest in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = parse(&head, &rest);
            let (mut valid, _) = header(0x21, head[13], &rest);
            valid[12] = head[12];
            let _ = parse(&valid, &rest);
        }
    }
}
