//! Writing and reading the parts of a row.

use crate::domain::cost::Cost;
use crate::domain::money::Picodollars;
use crate::domain::sealed::{NONCE_LEN, Sealed};

/// The bytes of a row are not what the layout says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("malformed {0}")]
pub struct Malformed(pub &'static str);

/// Room for most rows and the tag after them, so that few are moved while they grow.
const ROOM: usize = 160;

/// Collects the parts of a row.
#[derive(Debug)]
pub struct Encoder {
    bytes: Vec<u8>,
}

impl Default for Encoder {
    fn default() -> Self {
        Self { bytes: Vec::with_capacity(ROOM) }
    }
}

impl Encoder {
    /// The finished row.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// One byte.
    pub fn u8(&mut self, value: u8) -> &mut Self {
        self.bytes.push(value);
        self
    }

    /// Four bytes.
    pub fn u32(&mut self, value: u32) -> &mut Self {
        self.raw(&value.to_be_bytes())
    }

    /// Eight bytes.
    pub fn u64(&mut self, value: u64) -> &mut Self {
        self.raw(&value.to_be_bytes())
    }

    /// A byte that says whether there is a number, then the number.
    pub fn optional(&mut self, value: Option<u64>) -> &mut Self {
        match value {
            Some(value) => self.u8(1).u64(value),
            None => self.u8(0),
        }
    }

    /// Bytes whose length the layout fixes.
    pub fn raw(&mut self, bytes: &[u8]) -> &mut Self {
        self.bytes.extend_from_slice(bytes);
        self
    }

    /// Four bytes of length, then the bytes.
    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.count(bytes.len()).raw(bytes)
    }

    /// A text, as its bytes.
    pub fn text(&mut self, text: &str) -> &mut Self {
        self.bytes(text.as_bytes())
    }

    /// How many parts follow.
    ///
    /// No row comes near 4 GiB; one that did would be refused by its reader, not cut.
    pub fn count(&mut self, count: usize) -> &mut Self {
        self.u32(u32::try_from(count).unwrap_or(u32::MAX))
    }

    /// Pairs of texts.
    pub fn pairs(&mut self, pairs: &[(String, String)]) -> &mut Self {
        self.count(pairs.len());
        for (name, value) in pairs {
            self.text(name).text(value);
        }
        self
    }

    /// Tokens in and out, and picodollars.
    pub fn cost(&mut self, cost: &Cost) -> &mut Self {
        self.u64(cost.input).u64(cost.output).u64(cost.spend.0)
    }

    /// A ciphertext with its nonce.
    pub fn sealed(&mut self, sealed: &Sealed) -> &mut Self {
        self.raw(&sealed.nonce).bytes(&sealed.ciphertext)
    }
}

/// Takes the parts of a row, in order.
#[derive(Debug)]
pub struct Decoder<'a> {
    rest: &'a [u8],
}

impl<'a> Decoder<'a> {
    /// Begins at the first byte.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Says whether everything was taken.
    ///
    /// # Errors
    /// Where bytes are left.
    pub fn end(&self) -> Result<(), Malformed> {
        if self.rest.is_empty() { Ok(()) } else { Err(Malformed("row: bytes are left over")) }
    }

    /// The version of the layout, which must be this one.
    ///
    /// # Errors
    /// Where it is another.
    pub fn version(&mut self, known: u8) -> Result<(), Malformed> {
        if self.u8()? == known { Ok(()) } else { Err(Malformed("row: unknown version")) }
    }

    /// One byte.
    ///
    /// # Errors
    /// Where the row has ended.
    pub fn u8(&mut self) -> Result<u8, Malformed> {
        self.array::<1>().map(|[byte]| byte)
    }

    /// Four bytes.
    ///
    /// # Errors
    /// Where the row has ended.
    pub fn u32(&mut self) -> Result<u32, Malformed> {
        self.array().map(u32::from_be_bytes)
    }

    /// Eight bytes.
    ///
    /// # Errors
    /// Where the row has ended.
    pub fn u64(&mut self) -> Result<u64, Malformed> {
        self.array().map(u64::from_be_bytes)
    }

    /// A byte that is 0 or 1.
    ///
    /// # Errors
    /// Where it is another, or the row has ended.
    pub fn flag(&mut self) -> Result<bool, Malformed> {
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Malformed("flag")),
        }
    }

    /// A number that may be absent.
    ///
    /// # Errors
    /// Where the row has ended, or the flag is none.
    pub fn optional(&mut self) -> Result<Option<u64>, Malformed> {
        if self.flag()? { self.u64().map(Some) } else { Ok(None) }
    }

    /// Bytes whose number the layout fixes.
    ///
    /// # Errors
    /// Where the row has ended.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (head, rest) =
            self.rest.split_first_chunk::<N>().ok_or(Malformed("row: it is cut short"))?;
        self.rest = rest;
        Ok(*head)
    }

    /// Bytes with their length before them.
    ///
    /// # Errors
    /// Where the row has ended.
    pub fn bytes(&mut self) -> Result<&'a [u8], Malformed> {
        let len = self.count()?;
        let (head, rest) =
            self.rest.split_at_checked(len).ok_or(Malformed("row: it is cut short"))?;
        self.rest = rest;
        Ok(head)
    }

    /// A text.
    ///
    /// # Errors
    /// Where it is no UTF-8, or the row has ended.
    pub fn text(&mut self) -> Result<String, Malformed> {
        std::str::from_utf8(self.bytes()?).map(str::to_owned).map_err(|_| Malformed("text"))
    }

    /// How many parts follow; never more than bytes are left.
    ///
    /// # Errors
    /// Where it is more, or the row has ended.
    pub fn count(&mut self) -> Result<usize, Malformed> {
        let count = usize::try_from(self.u32()?).map_err(|_| Malformed("count"))?;
        if count <= self.rest.len() { Ok(count) } else { Err(Malformed("count")) }
    }

    /// Pairs of texts.
    ///
    /// # Errors
    /// As [`Decoder::text`].
    pub fn pairs(&mut self) -> Result<Vec<(String, String)>, Malformed> {
        let count = self.count()?;
        (0..count).map(|_| Ok((self.text()?, self.text()?))).collect()
    }

    /// Tokens in and out, and picodollars.
    ///
    /// # Errors
    /// Where the row has ended.
    pub fn cost(&mut self) -> Result<Cost, Malformed> {
        Ok(Cost { input: self.u64()?, output: self.u64()?, spend: Picodollars(self.u64()?) })
    }

    /// A ciphertext with its nonce.
    ///
    /// # Errors
    /// Where the row has ended.
    pub fn sealed(&mut self) -> Result<Sealed, Malformed> {
        Ok(Sealed { nonce: self.array::<NONCE_LEN>()?, ciphertext: self.bytes()?.to_vec() })
    }
}
