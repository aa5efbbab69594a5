//! The fourth client program: tokio-postgres with rustls, in this process.

use std::error::Error;
use std::fs;
use std::path::Path;

use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio_postgres::config::SslMode;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{Config, NoTls, SimpleQueryMessage, Socket};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::programs::Way;

type Problem = Box<dyn Error + Send + Sync>;

/// Logs in once and returns what PostgreSQL says of the session.
pub(crate) async fn login(directory: &Path, config: &Config, way: Way, query: &str) -> Result<String, Problem> {
    let mut config = config.clone();
    match way {
        Way::Certificate => ask(&config, MakeRustlsConnect::new(with_certificate(directory)?), query).await,
        Way::NoCertificate => ask(&config, MakeRustlsConnect::new(without_certificate(directory)?), query).await,
        Way::Plaintext => ask(config.ssl_mode(SslMode::Disable), NoTls, query).await,
    }
}

fn with_certificate(directory: &Path) -> Result<ClientConfig, Problem> {
    let files = fs::canonicalize(directory)?;
    let mut authorities = RootCertStore::empty();
    for authority in CertificateDer::pem_file_iter(files.join("ca.crt"))? {
        authorities.add(authority?)?;
    }
    let chain = CertificateDer::pem_file_iter(files.join("tls.crt"))?.collect::<Result<Vec<_>, _>>()?;
    let key = PrivateKeyDer::from_pem_file(files.join("tls.key"))?;
    let tls = ClientConfig::builder().with_root_certificates(authorities).with_client_auth_cert(chain, key)?;
    Ok(tls)
}

fn without_certificate(directory: &Path) -> Result<ClientConfig, Problem> {
    let mut authorities = RootCertStore::empty();
    for authority in CertificateDer::pem_file_iter(directory.join("ca.crt"))? {
        authorities.add(authority?)?;
    }
    Ok(ClientConfig::builder().with_root_certificates(authorities).with_no_client_auth())
}

async fn ask<T>(config: &Config, tls: T, query: &str) -> Result<String, Problem>
where
    T: MakeTlsConnect<Socket>,
    T::Stream: Send + 'static,
{
    let (client, connection) = config.connect(tls).await?;
    let connection = tokio::spawn(connection);
    let answer = client.simple_query(query).await;
    drop(client);
    connection.await??;
    let mut rows = answer?.into_iter().filter_map(|message| {
        if let SimpleQueryMessage::Row(row) = message { row.get(0).map(str::to_owned) } else { None }
    });
    rows.next().ok_or_else(|| "the query gave no row".into())
}
