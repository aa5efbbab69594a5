//! The logins that are tried: one that PostgreSQL must accept, and those that it must refuse. A refusal proves something only
//! beside the acceptance.

use std::sync::Arc;
use std::time::Duration;

use chrono::{SubsecRound, TimeDelta};
use rotation::engine::material::{LEAF_CERTIFICATE, Material};
use rotation::pki::algorithm::KeyAlgorithm;
use rotation::pki::authority::{Authority, AuthorityRequest};
use rotation::pki::certificate::Certificate;
use rotation::pki::counterfeit::counterfeit;
use rotation::pki::error::Source;
use rotation::pki::identity::Validity;
use rotation::pki::key::PrivateKey;
use rotation::pki::leaf::{LeafProfile, LeafRequest, issue};
use rotation::pki::name::CommonName;
use rotation::probe::{LoginAnswer, LoginKind, LoginTrial};
use rustls::sign::CertifiedKey;
use rustls::version::TLS12;
use rustls::{DEFAULT_VERSIONS, SupportedProtocolVersion};

use crate::postgres::attempt::{LoginAttempt, LoginTls, attempt};
use crate::postgres::mutual_tls::{client_certificate, presented};
use crate::probe::{ForeignInputs, PostgresOrder};

/// The superuser that each PostgreSQL has.
const SUPERUSER: &str = "postgres";
/// A role that is no superuser, for a leaf that names the superuser. It need not exist.
const OTHER_ROLE: &str = "newleaf_probe";
/// The name of the foreign authority.
const FOREIGN: &str = "newleaf probe";

/// The versions of TLS before 1.3.
static OLDER: [&SupportedProtocolVersion; 1] = [&TLS12];

/// The client's leaf for a login.
pub(super) struct LoginLeaf {
    /// The role that it names.
    pub(super) role: String,
    /// Its files.
    pub(super) material: Material,
    certificate: Certificate,
    certified: Arc<CertifiedKey>,
}

impl LoginLeaf {
    /// Reads the files of a leaf. A reason never has a byte of them.
    pub(super) fn of(material: Material) -> Result<Self, String> {
        let certified = Arc::new(client_certificate(&material)?);
        let pem = material.entry(LEAF_CERTIFICATE).unwrap_or_default();
        let chain =
            Certificate::all_from_pem(pem, &Source::new(LEAF_CERTIFICATE)).map_err(|error| error.to_string())?;
        let certificate = chain.into_iter().next().ok_or_else(|| format!("{LEAF_CERTIFICATE} is empty"))?;
        let [role] = certificate.common_names() else {
            return Err(format!("{LEAF_CERTIFICATE} does not name one role"));
        };
        Ok(Self { role: role.clone(), material, certified, certificate })
    }
}

/// A login that is tried.
struct WantedLogin {
    kind: LoginKind,
    user: String,
    tls: Result<LoginTls, String>,
}

/// Tries every login, one after the other, so that they need one connection of those that PostgreSQL admits.
pub(super) async fn trials(
    order: &PostgresOrder,
    leaf: Option<&LoginLeaf>,
    inputs: &ForeignInputs,
    limit: Duration,
) -> Vec<LoginTrial> {
    let mut trials = Vec::new();
    for WantedLogin { kind, user, tls } in wanted(leaf, inputs) {
        let answer = match tls {
            Ok(tls) => {
                let (database, replicates) = (order.database.as_str(), kind == LoginKind::Replication);
                attempt(&order.endpoint, &LoginAttempt { user: &user, database, replicates, tls }, limit).await
            }
            Err(why) => LoginAnswer::Unclear(why),
        };
        trials.push(LoginTrial { kind, user, answer });
    }
    trials
}

fn wanted(leaf: Option<&LoginLeaf>, inputs: &ForeignInputs) -> Vec<WantedLogin> {
    let by = |certificate| Ok(LoginTls::With(DEFAULT_VERSIONS, certificate));
    let mut all = Vec::new();
    let mut add = |kind, user: &str, tls| all.push(WantedLogin { kind, user: user.to_owned(), tls });
    if let Some(LoginLeaf { role, certificate, certified, .. }) = leaf {
        let other = if role == SUPERUSER { OTHER_ROLE } else { SUPERUSER };
        let copy = another_key(certificate);
        add(LoginKind::OwnLeaf, role, by(Some(Arc::clone(certified))));
        add(LoginKind::AnotherRole, other, by(Some(Arc::clone(certified))));
        add(LoginKind::AnotherKey, role, copy.and_then(|copy| by(Some(Arc::new(copy)))));
        add(LoginKind::OlderTls, role, Ok(LoginTls::With(&OLDER, Some(Arc::clone(certified)))));
    }
    let mut users = vec![SUPERUSER];
    users.extend(leaf.map(|leaf| leaf.role.as_str()).filter(|role| *role != SUPERUSER));
    for user in users {
        let foreign = foreign(user, inputs);
        add(LoginKind::WithoutTls, user, Ok(LoginTls::Without));
        add(LoginKind::WithoutCertificate, user, by(None));
        add(LoginKind::ForeignAuthority, user, foreign.and_then(|foreign| by(Some(Arc::new(foreign)))));
        add(LoginKind::Replication, user, by(None));
    }
    all
}

/// A leaf for this role, of an authority that only this process knows.
fn foreign(role: &str, inputs: &ForeignInputs) -> Result<CertifiedKey, String> {
    let ForeignInputs { now, serials: [of_authority, of_leaf] } = *inputs;
    // A certificate has whole seconds.
    let now = now.trunc_subsecs(0);
    let hour = TimeDelta::hours(1);
    let validity = Validity { not_before: now - hour, not_after: now + hour };
    let request = AuthorityRequest { common_name: CommonName::parse(FOREIGN)?, serial: of_authority, validity };
    let failed = |error: rotation::pki::error::PkiError| error.to_string();
    let authority = Authority::create(&request, own_key()?).map_err(failed)?;
    let key = own_key()?;
    let profile = LeafProfile::client(&CommonName::parse(role)?);
    let leaf = issue(&authority, &LeafRequest { profile, serial: of_leaf, validity }, &key).map_err(failed)?;
    presented([leaf.der()].into_iter(), &key).ok_or_else(|| "the key cannot be used".to_owned())
}

fn another_key(genuine: &Certificate) -> Result<CertifiedKey, String> {
    let key = own_key()?;
    let copy = counterfeit(genuine, &key).ok_or("the leaf cannot be copied")?;
    presented([copy.as_slice()].into_iter(), &key).ok_or_else(|| "the key cannot be used".to_owned())
}

fn own_key() -> Result<PrivateKey, String> {
    PrivateKey::generate(KeyAlgorithm::EcdsaP256).map_err(|error| error.to_string())
}
