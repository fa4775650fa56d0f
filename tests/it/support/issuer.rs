//! An OIDC issuer of the test's own: configuration, keys, tokens, and the runner of a CI job that
//! hands them out.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::{Value, json};

/// RSA keys take long to make: these take turns.
const RSA: [&[u8]; 2] = [
    include_bytes!("../../fixtures/oidc/rsa.pk8"),
    include_bytes!("../../fixtures/oidc/rsa-rotated.pk8"),
];
/// What the runner is asked with.
const BEARER: &str = "runner-bearer";

/// Runs for as long as the test process.
#[derive(Debug)]
pub(crate) struct Issuer {
    url: String,
    shared: Arc<Mutex<Shared>>,
}

#[derive(Debug)]
struct Shared {
    keys: Keys,
    /// Every path that was asked for.
    asked: Vec<String>,
    away: bool,
    /// What the runner's job is: the claims of its tokens.
    job: Value,
}

/// How a token is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signed {
    Rs256,
    Es256,
}

impl Issuer {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().unwrap());
        Self::serve(listener, url, None)
    }

    /// The same over TLS, with a certificate for `localhost`.
    pub(crate) fn over_tls(config: Arc<ServerConfig>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        Self::serve(listener, url, Some(config))
    }

    fn serve(listener: TcpListener, url: String, tls: Option<Arc<ServerConfig>>) -> Self {
        let (keys, job) = (Keys::new(0), json!({}));
        let shared = Shared { keys, asked: Vec::new(), away: false, job };
        let shared = Arc::new(Mutex::new(shared));
        let issuer = Self { url: url.clone(), shared: Arc::clone(&shared) };
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let (url, shared, tls) = (url.clone(), Arc::clone(&shared), tls.clone());
                // A client may go whenever it likes.
                thread::spawn(move || match tls {
                    None => drop(serve(client, &url, &shared)),
                    Some(config) => {
                        let tls = ServerConnection::new(config).unwrap();
                        drop(serve(StreamOwned::new(tls, client), &url, &shared));
                    }
                });
            }
        });
        issuer
    }

    /// What its tokens call it, and where it is found.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// A token with these claims. `iss`, `sub`, `iat` and `exp` are put in where they are not given.
    pub(crate) fn token(&self, signed: Signed, claims: &Value) -> String {
        self.shared.lock().unwrap().keys.token(signed, &self.url, claims)
    }

    /// Publishes new keys, and signs with them, from now on. The old ones are forgotten.
    pub(crate) fn rotate(&self) {
        let mut shared = self.shared.lock().unwrap();
        shared.keys = Keys::new(shared.keys.number + 1);
    }

    /// Whether it answers everything with 503.
    pub(crate) fn set_away(&self, away: bool) {
        self.shared.lock().unwrap().away = away;
    }

    /// How often its keys were fetched.
    pub(crate) fn fetches(&self) -> usize {
        self.shared.lock().unwrap().asked.iter().filter(|path| *path == "/keys").count()
    }

    /// The variables of a GitHub Actions job with these claims, which leads to a runner that hands
    /// out RS256 tokens for the audience that is asked for. There is one job at a time.
    pub(crate) fn job(&self, claims: Value) -> [(&'static str, String); 2] {
        self.shared.lock().unwrap().job = claims;
        let url = format!("{}/runner?api-version=2.0", self.url);
        let bearer = BEARER.to_owned();
        [("ACTIONS_ID_TOKEN_REQUEST_URL", url), ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", bearer)]
    }
}

#[derive(Debug)]
struct Keys {
    number: usize,
    rsa: RsaKeyPair,
    ec: EcdsaKeyPair,
    random: SystemRandom,
}

impl Keys {
    fn new(number: usize) -> Self {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let ec = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        let ec = EcdsaKeyPair::from_pkcs8(algorithm, ec.as_ref(), &random).unwrap();
        let rsa = RsaKeyPair::from_pkcs8(RSA[number % RSA.len()]).unwrap();
        Self { number, rsa, ec, random }
    }

    /// A JWKS (RFC 7517 §5).
    fn published(&self) -> Value {
        let rsa: PublicKeyComponents<Vec<u8>> = self.rsa.public().into();
        let (x, y) = self.ec.public_key().as_ref()[1..].split_at(32);
        let number = self.number;
        json!({"keys": [
            {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": format!("rsa-{number}"),
             "n": encoded(&rsa.n), "e": encoded(&rsa.e)},
            {"kty": "EC", "use": "sig", "alg": "ES256", "kid": format!("ec-{number}"),
             "crv": "P-256", "x": encoded(x), "y": encoded(y)},
        ]})
    }

    fn token(&self, signed: Signed, issuer: &str, claims: &Value) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let mut all = json!({"iss": issuer, "sub": "a job", "iat": now, "exp": now + 300});
        for (name, value) in claims.as_object().expect("an object of claims") {
            all[name] = value.clone();
        }
        let (alg, kid) = match signed {
            Signed::Rs256 => ("RS256", format!("rsa-{}", self.number)),
            Signed::Es256 => ("ES256", format!("ec-{}", self.number)),
        };
        let header = json!({"typ": "JWT", "alg": alg, "kid": kid}).to_string();
        let input =
            format!("{}.{}", encoded(header.as_bytes()), encoded(all.to_string().as_bytes()));
        let signature = match signed {
            Signed::Rs256 => {
                let mut signature = vec![0; self.rsa.public().modulus_len()];
                let message = input.as_bytes();
                self.rsa.sign(&RSA_PKCS1_SHA256, &self.random, message, &mut signature).unwrap();
                signature
            }
            Signed::Es256 => {
                self.ec.sign(&self.random, input.as_bytes()).unwrap().as_ref().to_vec()
            }
        };
        format!("{input}.{}", encoded(&signature))
    }
}

fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Answers one request, and closes the connection.
fn serve(client: impl Read + Write, url: &str, shared: &Mutex<Shared>) -> std::io::Result<()> {
    let mut client = BufReader::new(client);
    let mut lines = client.by_ref().lines();
    let line = lines.next().unwrap_or_else(|| Ok(String::new()))?;
    let mut headers = Vec::new();
    for header in lines {
        let header = header?;
        if header.is_empty() {
            break;
        }
        headers.push(header.to_ascii_lowercase());
    }
    let target = line.split(' ').nth(1).unwrap_or_default();
    let (status, body) = answer(target, &headers, url, &mut shared.lock().unwrap());
    let body = body.to_string();
    write!(
        client.get_mut(),
        "HTTP/1.1 {status} -\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n{body}",
        body.len()
    )?;
    client.get_mut().flush()
}

fn answer(target: &str, headers: &[String], url: &str, shared: &mut Shared) -> (u16, Value) {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    shared.asked.push(path.to_owned());
    if shared.away {
        return (503, json!({}));
    }
    match path {
        "/.well-known/openid-configuration" => {
            (200, json!({"issuer": url, "jwks_uri": format!("{url}/keys")}))
        }
        "/keys" => (200, shared.keys.published()),
        "/runner" if headers.contains(&format!("authorization: bearer {BEARER}")) => {
            let audience = query.split('&').find_map(|pair| pair.strip_prefix("audience="));
            let audience = audience.unwrap_or_default().replace('+', " ");
            let audience = percent_encoding::percent_decode_str(&audience).decode_utf8_lossy();
            let mut claims = shared.job.clone();
            claims["aud"] = json!(audience);
            // No two are the same, as a real runner's.
            claims["jti"] = json!(format!("token {}", shared.asked.len()));
            (200, json!({"count": 1, "value": shared.keys.token(Signed::Rs256, url, &claims)}))
        }
        "/runner" => (401, json!({"message": "not for you"})),
        _ => (404, json!({})),
    }
}
