//! Rows of a store's file, read and written past till.

use std::path::Path;

use redb::{ConcurrencyMode, Database, ReadableTable, TableDefinition};

/// Rows with what they lie under.
pub(crate) type Rows = Vec<(Vec<u8>, Vec<u8>)>;

/// Every row of a table.
pub(crate) fn rows(store: &Path, table: &str) -> Rows {
    let database = open(store);
    let transaction = database.begin_write().unwrap();
    let table = transaction.open_table(definition(table)).unwrap();
    let rows = table.iter().unwrap().map(|row| {
        let (key, value) = row.unwrap();
        (key.value().to_vec(), value.value().to_vec())
    });
    rows.collect()
}

/// Writes rows.
pub(crate) fn put(store: &Path, table: &str, rows: &[(Vec<u8>, Vec<u8>)]) {
    let database = open(store);
    let transaction = database.begin_write().unwrap();
    {
        let mut table = transaction.open_table(definition(table)).unwrap();
        for (key, value) in rows {
            table.insert(&key[..], &value[..]).unwrap();
        }
    }
    transaction.commit().unwrap();
}

/// Takes a row away.
pub(crate) fn remove(store: &Path, table: &str, key: &[u8]) {
    let database = open(store);
    let transaction = database.begin_write().unwrap();
    transaction.open_table(definition(table)).unwrap().remove(key).unwrap();
    transaction.commit().unwrap();
}

fn definition(name: &str) -> TableDefinition<'_, &'static [u8], &'static [u8]> {
    TableDefinition::new(name)
}

fn open(store: &Path) -> Database {
    Database::builder().set_concurrency_mode(ConcurrencyMode::MultiWriter).open(store).unwrap()
}
