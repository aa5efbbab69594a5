//! OpenSSL as PostgreSQL and libpq ask it: the purpose, the time, the security level of Debian, no revocation list.

use chrono::{DateTime, Utc};
use openssl::error::ErrorStack;
use openssl::stack::Stack;
use openssl::x509::store::{X509Store, X509StoreBuilder};
use openssl::x509::verify::{X509VerifyFlags, X509VerifyParam};
use openssl::x509::{X509, X509PurposeId, X509StoreContext};

/// The security level that Debian compiles in (`OPENSSL_TLS_SECURITY_LEVEL`), which TLS asks of chains too.
const LEVEL: i32 = 2;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Default,
    Strict,
}

/// A chain and what it is judged by, in DER.
pub(super) struct Chain<'a> {
    pub(super) leaf: &'a [u8],
    pub(super) sent: &'a [Vec<u8>],
    pub(super) trusted: &'a [Vec<u8>],
}

/// The purposes of a server's and a client's leaf, in the words of `openssl verify`.
pub(super) const PURPOSES: [(&str, X509PurposeId); 2] =
    [("sslserver", X509PurposeId::SSL_SERVER), ("sslclient", X509PurposeId::SSL_CLIENT)];

/// What OpenSSL says; the error is its own text.
pub(super) fn verdict(
    chain: &Chain<'_>,
    purpose: X509PurposeId,
    mode: Mode,
    at: DateTime<Utc>,
    level: i32,
) -> Result<(), String> {
    let read = |der: &[u8]| X509::from_der(der).map_err(|_| "not a certificate".to_owned());
    let leaf = read(chain.leaf)?;
    let sent = chain.sent.iter().map(|der| read(der)).collect::<Result<Vec<_>, _>>()?;
    let trusted = chain.trusted.iter().map(|der| read(der)).collect::<Result<Vec<_>, _>>()?;
    match ask(&store(trusted, purpose, mode, at, level), &leaf, sent) {
        Ok((true, _)) => Ok(()),
        Ok((false, why)) => Err(why.to_owned()),
        Err(_) => Err("an internal error".to_owned()),
    }
}

/// Whether OpenSSL reads it.
pub(super) fn is_certificate(der: &[u8]) -> bool {
    X509::from_der(der).is_ok()
}

fn ask(store: &X509Store, leaf: &X509, sent: Vec<X509>) -> Result<(bool, &'static str), ErrorStack> {
    let mut untrusted = Stack::new()?;
    for certificate in sent {
        untrusted.push(certificate)?;
    }
    X509StoreContext::new()?.init(store, leaf, &untrusted, |context| {
        let accepted = context.verify_cert()?;
        Ok((accepted, context.error().error_string()))
    })
}

fn store(trusted: Vec<X509>, purpose: X509PurposeId, mode: Mode, at: DateTime<Utc>, level: i32) -> X509Store {
    let mut parameters = X509VerifyParam::new().expect("parameters");
    parameters.set_purpose(purpose).expect("a purpose");
    parameters.set_time(at.timestamp());
    parameters.set_auth_level(level);
    let strict = if mode == Mode::Strict { X509VerifyFlags::X509_STRICT } else { X509VerifyFlags::empty() };
    parameters.set_flags(strict | X509VerifyFlags::TRUSTED_FIRST).expect("flags");
    let mut store = X509StoreBuilder::new().expect("a store");
    for certificate in trusted {
        store.add_cert(certificate).expect("a store takes it");
    }
    store.set_param(&parameters).expect("parameters");
    store.build()
}

/// The verdict under the security level of Debian.
pub(super) fn accepts(chain: &Chain<'_>, purpose: usize, mode: Mode, at: DateTime<Utc>) -> Result<(), String> {
    verdict(chain, PURPOSES[purpose].1, mode, at, LEVEL)
}
