//! The agent of the recipes: a script that makes one request with what its environment says, and
//! writes down how it went and what it was given.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::executable;

const SCRIPT: &str = r#"#!/usr/bin/env bash
set -eu
env -0 >agent.environment
address=${OPENAI_BASE_URL#http://}
path=/${address#*/}
address=${address%%/*}
body='{"model":"gpt-4o-mini","messages":[{"role":"user","content":"hello"}]}'
exec 3<>"/dev/tcp/${address%:*}/${address##*:}"
printf 'POST %s/chat/completions HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %s\r\nConnection: close\r\n\r\n%s' \
  "$path" "$address" "$OPENAI_API_KEY" "${#body}" "$body" >&3
read -r _ status _ <&3
echo "$status" >>agent.statuses
"#;

/// Puts `agent.sh` into a folder.
pub(super) fn put(folder: &Path) {
    executable::put(&folder.join("agent.sh"), SCRIPT);
}

/// The statuses of the requests that it made so far.
pub(super) fn statuses(folder: &Path) -> Vec<String> {
    let text = fs::read_to_string(folder.join("agent.statuses")).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

/// The environment that it had the last time.
pub(super) fn environment(folder: &Path) -> BTreeMap<String, String> {
    let text = fs::read_to_string(folder.join("agent.environment")).expect("an agent that ran");
    let pairs = text.split('\0').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}
