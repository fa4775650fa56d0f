//! What a minter sees of its keys, and how it ends one.

use std::ops::Bound;

use percent_encoding::percent_decode_str;
use serde::Serialize;

use crate::domain::ids::{KeyId, KeySeq, MasterId, MinterId};
use crate::domain::key::{KeyRecord, Usage};
use crate::domain::master::{Brought, Master};
use crate::domain::minter::Minter;
use crate::domain::status::Status;
use crate::ledger::op::RevokeAs;
use crate::ledger::{Book, ClockPolicy, Operation, number_of};
use crate::report::KeyView;
use crate::store::rows::{RowKey, key_number};
use crate::store::{Rows, Scan, StoreError, Table};

use super::fault::{Answer, Fault, Problem};
use super::key_json::AdminKey;
use super::router::Admin;

/// Keys in one answer at the most, and where nothing is said.
const MOST: usize = 10_000;

/// One key.
#[derive(Debug, Serialize)]
pub(super) struct One {
    pub(super) key: AdminKey,
}

/// Some keys, in the order of minting.
#[derive(Debug, Serialize)]
pub(super) struct Many {
    pub(super) keys: Vec<AdminKey>,
    /// What to ask with `after` for the rest; nothing where there is none.
    pub(super) next: Option<String>,
}

/// Which keys are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Page {
    limit: usize,
    after: Option<KeyId>,
    /// Whether only live ones, or only ended ones.
    live: Option<bool>,
}

impl Page {
    /// Reads the query of a request: `limit`, `after`, `status`.
    pub(super) fn read(query: Option<&str>) -> Answer<Self> {
        let mut page = Self { limit: MOST, after: None, live: None };
        let refused =
            |name: &str, why: &str| Fault::new(Problem::BadRequest, format!("`{name}`: {why}"));
        for pair in query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = percent_decode_str(value).decode_utf8_lossy();
            match (name, &*value) {
                ("limit", text) => {
                    let limit = text.parse().ok().filter(|limit| (1..=MOST).contains(limit));
                    page.limit =
                        limit.ok_or_else(|| refused("limit", "it must be from 1 to 10000"))?;
                }
                ("after", text) => {
                    let id = text.parse().map_err(|_| refused("after", "it is no id of a key"))?;
                    page.after = Some(id);
                }
                ("status", "active") => page.live = Some(true),
                ("status", "ended") => page.live = Some(false),
                ("status", _) => return Err(refused("status", "it must be `active` or `ended`")),
                (other, _) => {
                    let shown: String = other.chars().take(40).collect();
                    let message = format!("the query has an unknown parameter `{shown}`");
                    return Err(Fault::new(Problem::BadRequest, message));
                }
            }
        }
        Ok(page)
    }
}

/// The minter's keys.
pub(super) fn list(admin: &Admin, minter: &Minter, page: &Page) -> Answer<Many> {
    let book = Book::verified(admin.operator.proxy.row_mac());
    let found = admin.ledger.view(|rows, now| {
        let after = match page.after {
            Some(id) => match own_key(rows, book, minter.id, id)? {
                Some(seq) => seq.0.saturating_add(1),
                None => return Ok(None),
            },
            None => 0,
        };
        let mut keys = Vec::new();
        let mut more = false;
        for seq in seqs(rows, minter.id, KeySeq(after))? {
            let Some(view) = KeyView::read(rows, book, seq, now)? else { continue };
            let is_live = view.status == Status::Live;
            if page.live.is_some_and(|live| live != is_live) {
                continue;
            }
            if keys.len() == page.limit {
                more = true;
                break;
            }
            keys.push(shown(admin, rows, book, &view, minter)?);
        }
        let next = keys.last().filter(|_| more).map(|key| key.id.clone());
        Ok(Some(Many { keys, next }))
    })?;
    found
        .ok_or_else(|| Fault::new(Problem::BadRequest, "`after`: the token has minted no such key"))
}

/// One of the minter's keys.
pub(super) fn show(admin: &Admin, minter: &Minter, id: &str) -> Answer<One> {
    let book = Book::verified(admin.operator.proxy.row_mac());
    let id = id.parse().map_err(|_| unknown())?;
    let found = admin.ledger.view(|rows, now| {
        let Some(seq) = own_key(rows, book, minter.id, id)? else { return Ok(None) };
        let Some(view) = KeyView::read(rows, book, seq, now)? else { return Ok(None) };
        shown(admin, rows, book, &view, minter).map(Some)
    })?;
    Ok(One { key: found.ok_or_else(unknown)? })
}

/// Ends one of the minter's keys; one that has ended stays as it is.
pub(super) fn revoke(admin: &Admin, minter: &Minter, id: &str) -> Answer<One> {
    let book = Book::verified(admin.operator.proxy.row_mac());
    let parsed = id.parse().map_err(|_| unknown())?;
    let seq = admin.ledger.view(|rows, _| own_key(rows, book, minter.id, parsed))?;
    let revoke = RevokeAs { minter: minter.id, key: seq.ok_or_else(unknown)? };
    let keys = &admin.operator.proxy;
    admin.ledger.transact(keys, ClockPolicy::Distrust, |session| revoke.apply(session))?;
    show(admin, minter, id)
}

/// A key as the minter sees it.
pub(super) fn shown(
    admin: &Admin,
    rows: &dyn Rows,
    book: Book<'_>,
    view: &KeyView,
    minter: &Minter,
) -> Result<AdminKey, StoreError> {
    let is_live = view.status == Status::Live;
    let opened = view.record.masters.iter().map(|(id, _)| master_name(rows, book, *id, is_live));
    let masters = opened.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
    let mut key = AdminKey::new(view, &minter.name, masters);
    key.proxy_url.clone_from(&admin.proxy_url);
    Ok(key)
}

/// The number of a key that the minter minted.
fn own_key(
    rows: &dyn Rows,
    book: Book<'_>,
    minter: MinterId,
    id: KeyId,
) -> Result<Option<KeySeq>, StoreError> {
    let Some(seq) = rows.get(Table::KeyIds, id.as_bytes())? else { return Ok(None) };
    let seq = KeySeq(number_of(&seq)?);
    // The index carries no MAC: the record says whose key it is.
    let record = book.get::<KeyRecord>(rows, &seq)?;
    Ok(record.filter(|record| record.id == id && record.minter == Some(minter)).map(|_| seq))
}

/// The minter's keys from this number on.
pub(super) fn seqs(
    rows: &dyn Rows,
    minter: MinterId,
    from: KeySeq,
) -> Result<Vec<KeySeq>, StoreError> {
    let prefix = minter.to_key();
    let start = (minter, from).to_key();
    let mut found = Vec::new();
    rows.scan(Table::MinterKeys, Bound::Included(&start), Bound::Unbounded, &mut |key, _| {
        if !key.starts_with(&prefix) {
            return Ok(Scan::Stop);
        }
        let seq = key_number(key, 1).map_err(|bad| StoreError::Damaged(bad.to_string()))?;
        found.push(KeySeq(seq));
        Ok(Scan::Continue)
    })?;
    Ok(found)
}

/// What a master is called; none where it was removed. One that was brought has no name, and none of
/// its minter's keys tells whether somebody else has brought the same.
fn master_name(
    rows: &dyn Rows,
    book: Book<'_>,
    id: MasterId,
    is_live: bool,
) -> Result<Option<String>, StoreError> {
    if book.get::<Brought>(rows, &id)?.is_some() {
        return Ok(is_live.then(|| "brought".to_owned()));
    }
    Ok(book.get::<Master>(rows, &id)?.map(|master| master.name))
}

fn unknown() -> Fault {
    Fault::new(Problem::KeyUnknown, "the token has minted no such key")
}

/// The key of a record that was minted just now.
pub(super) fn fresh(record: &KeyRecord) -> KeyView {
    KeyView {
        record: record.clone(),
        usage: Usage::default(),
        status: Status::Live,
        pause: None,
        grants: record.masters.len(),
        parent: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn queries_are_read_by_name() {
        let page = Page::read(Some("limit=5&status=active&after=4f9k2m3n4p5q")).unwrap();
        assert_eq!((page.limit, page.live), (5, Some(true)));
        assert_eq!(Page::read(None).unwrap().limit, MOST);
        for (query, named) in [
            ("limit=0", "`limit`"),
            ("limit=10001", "`limit`"),
            ("after=x", "`after`"),
            ("status=gone", "`status`"),
            ("page=2", "`page`"),
        ] {
            let fault = Page::read(Some(query)).unwrap_err();
            assert!(fault.message.contains(named), "{query}: {}", fault.message);
        }
    }

    proptest! {
        #[test]
        fn no_query_panics(query in "\\PC*") {
            let _ = Page::read(Some(&query));
        }
    }
}
