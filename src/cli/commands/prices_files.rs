//! The price files: which there are, and what is in them.

use std::path::{Path, PathBuf};

use crate::provider::price::PriceTable;
use crate::proxy::price_list::{PriceFile, PriceListFault};

use super::super::context::Context;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::prices::Found;

/// The file of the prices that were set, in the store's directory.
const BESIDE: &str = "prices.json";

/// The table with all files over it, and what each file has.
#[derive(Debug)]
pub(super) struct Prices {
    table: PriceTable,
    /// What the files have, the one on top last.
    layers: Vec<(PathBuf, PriceTable)>,
}

/// Where `till prices set` writes.
///
/// # Errors
/// Where nothing says where the store lies.
pub(super) fn beside(context: &Context) -> Result<PathBuf, Failure> {
    Ok(context.store_path()?.with_file_name(BESIDE))
}

/// The price files over the prices in the binary, the one on top last: `prices.json` beside the
/// store, and the one that the flag or `TILL_PRICES` names, which must be there.
///
/// # Errors
/// Where nothing says where the store lies.
pub fn files(context: &Context, flag: Option<&Path>) -> Result<Vec<PriceFile>, Failure> {
    let named = flag
        .map(Path::to_owned)
        .or_else(|| context.environment.get_os("TILL_PRICES").map(PathBuf::from));
    // Where nothing says where a store would lie, there is none, and no file beside it.
    let beside = beside(context).ok().map(|path| PriceFile { path, required: false });
    let named = named.map(|path| PriceFile { path, required: true });
    Ok(beside.into_iter().chain(named).collect())
}

impl Prices {
    pub(super) fn read(context: &Context, flag: Option<&Path>) -> Result<Self, Failure> {
        let mut prices = Self { table: PriceTable::builtin().clone(), layers: Vec::new() };
        for file in files(context, flag)? {
            let Some(text) = file.read()? else { continue };
            let malformed = |fault| file.malformed(fault);
            prices.table = prices.table.overridden(&text).map_err(malformed)?;
            let layer = PriceTable::default().overridden(&text).map_err(malformed)?;
            prices.layers.push((file.path, layer));
        }
        Ok(prices)
    }

    /// The table, with all files over it.
    pub(super) fn table(&self) -> &PriceTable {
        &self.table
    }

    /// Every row.
    pub(super) fn rows(&self) -> impl Iterator<Item = Found<'_>> {
        self.table.rows().map(|(provider, model, price)| {
            let source = self.source(provider, model);
            Found { provider, model, price, source }
        })
    }

    /// The rows for a model, of one provider or of all.
    pub(super) fn find(&self, model: &str, provider: Option<&str>) -> Vec<Found<'_>> {
        let mut providers: Vec<_> = self.table.rows().map(|(provider, ..)| provider).collect();
        providers.dedup();
        providers.retain(|known| provider.is_none_or(|provider| provider == *known));
        let found = providers.into_iter().filter_map(|provider| {
            let found = self.table.find(provider, model)?;
            let source = self.source(provider, found.model);
            Some(Found { provider, model: found.model, price: found.price, source })
        });
        found.collect()
    }

    /// The file that a row comes from; none where it came with till.
    fn source(&self, provider: &str, model: &str) -> Option<&Path> {
        let has = |table: &PriceTable| {
            table.find(provider, model).is_some_and(|found| found.model == model)
        };
        self.layers.iter().rev().find(|(_, table)| has(table)).map(|(path, _)| path.as_path())
    }
}

impl From<PriceListFault> for Failure {
    fn from(fault: PriceListFault) -> Self {
        match fault {
            PriceListFault::Io { path, why } => {
                let what = format!("the price file `{}` cannot be read", path.display());
                Self::new(Exit::Failed, what)
                    .why(why)
                    .hint("name another with `--prices` or `TILL_PRICES`, or none")
            }
            PriceListFault::Malformed { path, why } => {
                let what = format!("the price file `{}` is malformed", path.display());
                Self::new(Exit::Failed, what)
                    .why(why)
                    .hint("nothing in it counts until that is put right")
                    .hint(
                        "write it as in {\"openai\": {\"gpt-7\": {\"input_cost_per_token\": 2.5e-6, \
                         \"output_cost_per_token\": 15e-6, \"max_output_tokens\": 128000}}}",
                    )
            }
        }
    }
}
