//! A strict reader of HTTP/1.1 requests (RFC 9112), written from the standard: what it does not
//! like it refuses. It shares nothing with the product.

/// What a strict reader does not take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// An empty line before a request (§2.2).
    EmptyLine,
    /// A line of a head that ends in LF alone (§2.2).
    BareLf,
    /// CR, NUL or another control character within a line.
    Control,
    RequestLine,
    Method,
    /// No origin-form (§3.2.1).
    Target,
    /// A fragment in the target.
    Fragment,
    /// A character that a path or query has only as an escape (RFC 3986 §3.3).
    Unescaped,
    /// HTTP/1.0.
    Old,
    Version,
    FieldName,
    /// A folded line (§5.2).
    Fold,
    /// None, two, or one that is no host (§3.2).
    Host,
    Length,
    /// The same length twice (§6.3).
    SameLengthTwice,
    /// A length beside chunks (§6.1).
    LengthAndChunks,
    Coding,
    ChunkSize,
    /// White space after a chunk's size and no extension.
    SpaceAfterSize,
    Extension,
    ChunkEnd,
    /// A field that has no business after a body (RFC 9110 §6.5.1).
    Trailer,
}

/// What till reads that a strict reader refuses, and why that does no harm.
pub(super) const NEUTRAL: [(Fault, &str); 9] = [
    (Fault::EmptyLine, "RFC 9112 §2.2 asks for it, and it does not go upstream"),
    (Fault::BareLf, "RFC 9112 §2.2 allows it; upstream every line ends in CRLF"),
    (Fault::Fragment, "it is cut off before the path is looked at"),
    (
        Fault::Unescaped,
        "printable ASCII that delimits nothing; path and query are sent as they were read",
    ),
    (Fault::Old, "upstream it is HTTP/1.1; one with chunks is refused"),
    (Fault::SameLengthTwice, "RFC 9112 §6.3 allows it; one length goes upstream"),
    (
        Fault::LengthAndChunks,
        "RFC 9112 §6.1: the chunks are read, they alone go upstream, and the connection ends",
    ),
    (Fault::SpaceAfterSize, "the chunk is written anew"),
    (Fault::Trailer, "it stays behind"),
];

/// A request, as it was read.
#[derive(Clone, Default)]
pub(super) struct Message {
    /// It has an end, but must not be served: the connection may go on behind it.
    pub(super) refused: Option<Fault>,
    pub(super) method: String,
    pub(super) target: String,
    /// Names in lower case.
    pub(super) fields: Vec<(String, Vec<u8>)>,
    pub(super) body: Vec<u8>,
    pub(super) trailers: Vec<(String, Vec<u8>)>,
}

impl Message {
    pub(super) fn all(&self, name: &str) -> Vec<&[u8]> {
        values(&self.fields, name)
    }
}

impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { method, target, body, .. } = self;
        write!(f, "{:?} {method} {target}", self.refused)?;
        for (name, value) in self.fields.iter().chain(&self.trailers) {
            write!(f, " | {name}: {}", value.escape_ascii())?;
        }
        write!(f, " | {}", body.escape_ascii())
    }
}

/// What follows the last whole request.
#[derive(Clone, Debug)]
pub(super) enum Rest {
    Nothing,
    /// A request that is not whole, with its head if that is.
    Begun(Option<Message>),
    /// One that is refused, with its head if the fault lies behind it.
    Refused(Fault, Option<Message>),
}

/// Everything in some bytes.
#[derive(Clone, Debug)]
pub(super) struct Read {
    pub(super) messages: Vec<Message>,
    /// Where the last whole message ends.
    pub(super) end: usize,
    pub(super) rest: Rest,
}

/// Reads requests until the bytes end or one is refused. `tolerated` faults are none.
pub(super) fn read(bytes: &[u8], tolerated: &[Fault]) -> Read {
    let mut reader = Reader { bytes, at: 0, tolerated };
    let (mut messages, mut end) = (Vec::new(), 0);
    loop {
        if reader.at == bytes.len() {
            return Read { messages, end, rest: Rest::Nothing };
        }
        let mut message = None;
        match reader.message(&mut message) {
            Ok(()) => messages.extend(message),
            Err(Stop::More) => return Read { messages, end, rest: Rest::Begun(message) },
            Err(Stop::Fault(fault)) => {
                return Read { messages, end, rest: Rest::Refused(fault, message) };
            }
        }
        end = reader.at;
    }
}

/// Why a message was not read to its end.
enum Stop {
    More,
    Fault(Fault),
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    tolerated: &'a [Fault],
}

type Field = (String, Vec<u8>);

impl<'a> Reader<'a> {
    fn check(&self, good: bool, fault: Fault) -> Result<(), Stop> {
        if good || self.tolerated.contains(&fault) { Ok(()) } else { Err(Stop::Fault(fault)) }
    }

    /// `into` has the message as soon as its head is read.
    fn message(&mut self, into: &mut Option<Message>) -> Result<(), Stop> {
        let mut first = self.line(Fault::BareLf)?;
        while first.is_empty() {
            self.check(false, Fault::EmptyLine)?;
            first = self.line(Fault::BareLf)?;
        }
        let parts: Vec<&[u8]> = first.split(|byte| *byte == b' ').collect();
        let [method, target, version] = parts[..] else {
            return Err(Stop::Fault(Fault::RequestLine));
        };
        self.check(is_token(method), Fault::Method)?;
        let mut refused = (!target.starts_with(b"/")).then_some(Fault::Target);
        refused = refused.or((!target.is_ascii()).then_some(Fault::Target));
        self.check(!target.contains(&b'#'), Fault::Fragment)?;
        let plain = target.iter().all(|byte| is_of_target(*byte) || !byte.is_ascii());
        self.check(plain, Fault::Unescaped)?;
        let old = version == b"HTTP/1.0";
        self.check(!old, Fault::Old)?;
        self.check(old || version == b"HTTP/1.1", Fault::Version)?;
        let fields = self.fields()?;
        let hosts = values(&fields, "host");
        let one = hosts.len() == 1 && hosts[0].iter().all(|byte| is_of_host(*byte));
        refused = refused.or((!one).then_some(Fault::Host));
        let codings = values(&fields, "transfer-encoding");
        let chunked = codings.len() == 1 && codings[0].eq_ignore_ascii_case(b"chunked");
        self.check(codings.is_empty() || (chunked && !old), Fault::Coding)?;
        let lengths = values(&fields, "content-length");
        self.check(lengths.is_empty() || !chunked, Fault::LengthAndChunks)?;
        let length = if chunked { 0 } else { self.length(&lengths)? };
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (method, target) = (text(method), text(target));
        let (body, trailers) = Default::default();
        let message = into.insert(Message { refused, method, target, fields, body, trailers });
        if chunked {
            return self.chunks(message);
        }
        self.take(length, &mut message.body)
    }

    fn length(&self, lengths: &[&[u8]]) -> Result<usize, Stop> {
        let Some(first) = lengths.first() else { return Ok(0) };
        self.check(lengths.iter().all(|other| other == first), Fault::Length)?;
        self.check(lengths.len() == 1, Fault::SameLengthTwice)?;
        let digits = !first.is_empty() && first.iter().all(u8::is_ascii_digit);
        self.check(digits, Fault::Length)?;
        let parsed = std::str::from_utf8(first).ok().and_then(|text| text.parse().ok());
        parsed.ok_or(Stop::Fault(Fault::Length))
    }

    fn chunks(&mut self, message: &mut Message) -> Result<(), Stop> {
        loop {
            let line = self.line(Fault::ChunkSize)?;
            let digits = line.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
            let (size, after) = line.split_at(digits);
            let size = std::str::from_utf8(size).expect("digits");
            let size =
                usize::from_str_radix(size, 16).map_err(|_| Stop::Fault(Fault::ChunkSize))?;
            let extension = after.trim_ascii_start();
            self.check(extension.is_empty() || extension[0] == b';', Fault::ChunkSize)?;
            self.check(after.is_empty() || !extension.is_empty(), Fault::SpaceAfterSize)?;
            self.check(extension.len() <= 4096, Fault::Extension)?;
            if size == 0 {
                break;
            }
            self.take(size, &mut message.body)?;
            let end = &self.bytes[self.at..];
            self.check(b"\r\n".starts_with(&end[..end.len().min(2)]), Fault::ChunkEnd)?;
            self.take(2, &mut Vec::new())?;
        }
        message.trailers = self.fields()?;
        let framing = ["content-length", "transfer-encoding", "host", "trailer", "authorization"];
        let plain = message.trailers.iter().all(|(name, _)| !framing.contains(&name.as_str()));
        self.check(plain, Fault::Trailer)
    }

    /// Field lines, up to the empty one.
    fn fields(&mut self) -> Result<Vec<Field>, Stop> {
        let mut fields = Vec::new();
        loop {
            let line = self.line(Fault::BareLf)?;
            if line.is_empty() {
                return Ok(fields);
            }
            self.check(!line.starts_with(b" ") && !line.starts_with(b"\t"), Fault::Fold)?;
            let colon = line.iter().position(|byte| *byte == b':');
            let (name, value) = line.split_at(colon.ok_or(Stop::Fault(Fault::FieldName))?);
            self.check(is_token(name), Fault::FieldName)?;
            let name = String::from_utf8_lossy(name).to_ascii_lowercase();
            fields.push((name, value[1..].trim_ascii().to_vec()));
        }
    }

    /// A line without its end; `ends_alone` is the fault where it ends in LF alone.
    fn line(&mut self, ends_alone: Fault) -> Result<&'a [u8], Stop> {
        let rest = &self.bytes[self.at..];
        let end = rest.iter().position(|byte| *byte == b'\n').ok_or(Stop::More)?;
        self.at += end + 1;
        let whole = rest[..end].strip_suffix(b"\r");
        self.check(whole.is_some(), ends_alone)?;
        let line = whole.unwrap_or(&rest[..end]);
        let plain = line.iter().all(|byte| *byte == b'\t' || (*byte >= b' ' && *byte != 0x7f));
        self.check(plain, Fault::Control)?;
        Ok(line)
    }

    /// As many bytes, or what there is of them.
    fn take(&mut self, count: usize, into: &mut Vec<u8>) -> Result<(), Stop> {
        let rest = &self.bytes[self.at..];
        let have = rest.len().min(count);
        into.extend_from_slice(&rest[..have]);
        self.at += have;
        if have == count { Ok(()) } else { Err(Stop::More) }
    }
}

fn values<'a>(fields: &'a [Field], name: &str) -> Vec<&'a [u8]> {
    fields.iter().filter(|(own, _)| own == name).map(|(_, value)| value.as_slice()).collect()
}

/// RFC 9110 §5.6.2.
fn is_token(text: &[u8]) -> bool {
    let of_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    !text.is_empty() && text.iter().all(of_token)
}

/// RFC 3986 §3.3 and §3.4; and what is a fault of its own.
fn is_of_target(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?%#".contains(&byte)
}

/// RFC 3986 §3.2.2 and a port: no user, no path.
fn is_of_host(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:[]%".contains(&byte)
}
