//! Clients behind a web proxy must reach till without it: it could not reach this machine's
//! loopback address, and would see the proxy key.

use super::super::environment::Environment;

/// Variables that send plain http through a web proxy.
const PROXIES: [&str; 4] = ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"];
/// Variables that name what is reached without. Clients read either.
const EXCEPTIONS: [&str; 2] = ["no_proxy", "NO_PROXY"];

/// The exceptions with this host among them, by the variable's name; none where no web proxy is
/// set, or all is an exception.
pub(super) fn exceptions(environment: &Environment, host: &str) -> Vec<(&'static str, String)> {
    if !PROXIES.iter().any(|name| environment.get(name).is_some()) {
        return Vec::new();
    }
    let either = EXCEPTIONS.iter().find_map(|name| environment.get(name));
    let with_host = EXCEPTIONS.iter().filter_map(|name| {
        let list = environment.get(name).or(either).unwrap_or_default();
        let mut hosts: Vec<_> = list.split(',').map(str::trim).collect();
        hosts.retain(|host| !host.is_empty());
        if hosts.contains(&"*") || (hosts.contains(&host) && environment.get(name).is_some()) {
            return None;
        }
        if !hosts.contains(&host) {
            hosts.push(host);
        }
        Some((*name, hosts.join(",")))
    });
    with_host.collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::Row;
    use super::*;

    #[test]
    fn the_host_is_an_exception() {
        let cases: [Row; 6] = [
            (&[], &[]),
            (&[("NO_PROXY", "a")], &[]),
            (&[("HTTP_PROXY", "http://p:1")], &["no_proxy=h", "NO_PROXY=h"]),
            (&[("all_proxy", "p"), ("NO_PROXY", "a, b")], &["no_proxy=a,b,h", "NO_PROXY=a,b,h"]),
            (&[("http_proxy", "p"), ("no_proxy", "h")], &["NO_PROXY=h"]),
            (&[("http_proxy", "p"), ("no_proxy", "*")], &[]),
        ];
        for (variables, expected) in cases {
            let environment = Environment::from_pairs(variables.iter().copied());
            let lines = exceptions(&environment, "h").into_iter();
            let lines: Vec<_> = lines.map(|(name, value)| format!("{name}={value}")).collect();
            assert_eq!(lines, expected, "{variables:?}");
        }
    }
}
