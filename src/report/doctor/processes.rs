//! Proxies that run, and who can reach them.

use std::net::IpAddr;

use crate::domain::hold::Instance;

use super::check::Check;
use super::finding::Finding;

/// What is to be said of a proxy that lives.
pub(super) fn of_process(instance: &Instance) -> Option<Finding> {
    let (scheme, rest) = instance.url.split_once("://")?;
    let authority = rest.split('/').next().unwrap_or_default();
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let address: Result<IpAddr, _> = host.parse();
    if host == "localhost" || address.is_ok_and(|address| address.to_canonical().is_loopback()) {
        return None;
    }
    let check =
        if scheme == "https" { Check::ProxyBeyondLoopback } else { Check::ProxyInPlaintext };
    let place = format!("{} (process {})", instance.url, instance.pid);
    Some(Finding::new(check, place, ""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::InstanceId;
    use crate::domain::time::Timestamp;

    #[test]
    fn what_others_reach_is_said() {
        let check = |url: &str| {
            let instance = Instance {
                id: InstanceId(1),
                pid: 7,
                url: url.to_owned(),
                started_at: Timestamp(0),
                keys: Vec::new(),
                masters: Vec::new(),
            };
            of_process(&instance).map(|finding| finding.check)
        };
        for url in ["", "http://127.0.0.1:4100", "http://[::1]:4100", "http://localhost:1"] {
            assert_eq!(check(url), None, "{url}");
        }
        assert_eq!(check("http://0.0.0.0:4100"), Some(Check::ProxyInPlaintext));
        assert_eq!(check("http://[::]:4100"), Some(Check::ProxyInPlaintext));
        assert_eq!(check("https://till.example.com:4100"), Some(Check::ProxyBeyondLoopback));
    }
}
