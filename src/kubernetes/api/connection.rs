//! The connection to the cluster: in a pod through its service account, otherwise by a kubeconfig, found as kubectl does.

use std::env;
use std::io;
use std::path::{Path, PathBuf};

use base::diagnosis::{Code, Diagnose, RemoteText};
use http::HeaderValue;
use hyper_util::client::legacy::Client as HttpClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use kube::client::retry::RetryPolicy;
use kube::client::{Body, ClientBuilder, ConfigExt};
use kube::config::{KubeConfigOptions, Kubeconfig, KubeconfigError};
use kube::{Client, Config};
use tower::retry::RetryLayer;
use tower::{BoxError, ServiceBuilder, ServiceExt};

use crate::api::readiness;

/// The name of newleaf in the API server's audit log.
const USER_AGENT: &str = concat!("newleaf/", env!("CARGO_PKG_VERSION"));
/// The variable that Kubernetes sets in every pod.
const IN_A_POD: &str = "KUBERNETES_SERVICE_HOST";

/// The values of kubectl's flags of the same names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Access {
    /// `--kubeconfig`
    pub kubeconfig: Option<PathBuf>,
    /// `--context`
    pub context: Option<String>,
    /// `--cluster`
    pub cluster: Option<String>,
    /// `--user`
    pub user: Option<String>,
    /// `--as`
    pub as_user: Option<String>,
    /// `--as-group`, several times
    pub as_groups: Vec<String>,
}

/// A client, and the default namespace.
#[derive(Clone)]
pub struct Connection {
    /// The client for the API server.
    pub client: Client,
    /// The service account's own namespace, or that of the kubeconfig's context.
    pub namespace: String,
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection").field("namespace", &self.namespace).finish_non_exhaustive()
    }
}

impl Connection {
    /// Connects through the given client. Tests use it to count requests or to let some fail.
    pub fn with_client(client: Client, namespace: impl Into<String>) -> Self {
        Self { client, namespace: namespace.into() }
    }
}

impl Access {
    /// A client for the cluster. It sends no request yet.
    pub async fn connect(&self) -> Result<Connection, ConnectionError> {
        let config = self.config().await?;
        let namespace = config.default_namespace.clone();
        Ok(Connection { client: build(config)?, namespace })
    }

    /// The configuration of the client.
    pub async fn config(&self) -> Result<Config, ConnectionError> {
        let mut config = if self.is_in_cluster() {
            Config::incluster()
                .map_err(|error| ConnectionError::ServiceAccount { reason: RemoteText::from_error(&error) })?
        } else {
            self.outside().await?
        };
        if self.as_user.is_none() && !self.as_groups.is_empty() {
            return Err(ConnectionError::GroupsWithoutUser);
        }
        if let Some(user) = &self.as_user {
            config.auth_info.impersonate = Some(user.clone());
            config.auth_info.impersonate_groups = Some(self.as_groups.clone()).filter(|groups| !groups.is_empty());
        }
        Ok(config)
    }

    /// Whether to use the service account: in a pod, unless the operator named a kubeconfig or an entry of one.
    fn is_in_cluster(&self) -> bool {
        let asked =
            self.kubeconfig.is_some() || self.context.is_some() || self.cluster.is_some() || self.user.is_some();
        !asked && named_files().is_empty() && env::var_os(IN_A_POD).is_some()
    }

    async fn outside(&self) -> Result<Config, ConnectionError> {
        let (paths, is_asked_for) = match &self.kubeconfig {
            Some(path) => (vec![path.clone()], true),
            None => (searched_files(), false),
        };
        let (kubeconfig, read) = read(&paths, is_asked_for)?;
        let options =
            KubeConfigOptions { context: self.context.clone(), cluster: self.cluster.clone(), user: self.user.clone() };
        Config::from_custom_kubeconfig(kubeconfig, &options).await.map_err(|error| unusable(&read, error))
    }
}

/// The files that `$KUBECONFIG` names.
fn named_files() -> Vec<PathBuf> {
    let value = env::var_os("KUBECONFIG").unwrap_or_default();
    env::split_paths(&value).filter(|path| !path.as_os_str().is_empty()).collect()
}

fn searched_files() -> Vec<PathBuf> {
    let named = named_files();
    let home = || env::home_dir().map(|home| home.join(".kube/config"));
    if named.is_empty() { home().into_iter().collect() } else { named }
}

/// Merges the files as kubectl does: the first file that names something wins. It skips a missing file, unless the operator
/// named it.
fn read(paths: &[PathBuf], is_asked_for: bool) -> Result<(Kubeconfig, String), ConnectionError> {
    let list = |paths: &[PathBuf]| paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ");
    let present: Vec<PathBuf> = paths.iter().filter(|path| is_asked_for || path.exists()).cloned().collect();
    if present.is_empty() {
        return Err(ConnectionError::Missing { searched: list(paths) });
    }
    let mut merged = Kubeconfig::default();
    for path in &present {
        let one = Kubeconfig::read_from(path).map_err(|error| unreadable(path, error))?;
        merged = merged.merge(one).map_err(|error| unusable(&path.display().to_string(), error))?;
    }
    Ok((merged, list(&present)))
}

#[expect(clippy::wildcard_enum_match_arm, reason = "every other way to be wrong is no way to be unreadable")]
fn unreadable(path: &Path, error: KubeconfigError) -> ConnectionError {
    let file = path.display().to_string();
    match error {
        KubeconfigError::ReadConfig(source, _) => ConnectionError::Unreadable { file, source },
        // The library's message would quote the file, and with it a key or a token.
        KubeconfigError::Parse(error) => {
            let place = error.location().map(|at| format!(" at line {}, column {}", at.line(), at.column()));
            let reason = format!("it is not YAML in the form of a kubeconfig{}", place.unwrap_or_default());
            ConnectionError::Unusable { file, reason: RemoteText::new(&reason) }
        }
        error => unusable(&file, error),
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "every other way to be wrong has a message that says it")]
fn unusable(files: &str, error: KubeconfigError) -> ConnectionError {
    let file = files.to_owned();
    match error {
        KubeconfigError::CurrentContextNotSet => ConnectionError::NoContext { file },
        KubeconfigError::LoadContext(name) => ConnectionError::Context { file, what: "context", name },
        KubeconfigError::LoadClusterOfContext(name) => ConnectionError::Context { file, what: "cluster", name },
        error => ConnectionError::Unusable { file, reason: RemoteText::from_error(&error) },
    }
}

/// The client, as kube builds its own, but without Nagle's algorithm, which holds back the second half of a request until the
/// peer acknowledges the first and so costs 44 ms.
pub fn build(mut config: Config) -> Result<Client, ConnectionError> {
    // rustls panics if a process has no default provider and several are compiled in. Only ours is compiled in, so a
    // provider that is already installed is the same.
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
    let failed = |error: kube::Error| ConnectionError::Client { reason: RemoteText::from_error(&error) };
    config.headers.push((http::header::USER_AGENT, HeaderValue::from_static(USER_AGENT)));
    if config.proxy_url.is_some() {
        return Client::try_from(config).map_err(failed);
    }
    let mut connector = HttpConnector::new();
    connector.enforce_http(false);
    connector.set_nodelay(true);
    connector.set_connect_timeout(config.connect_timeout);
    let https = config.rustls_https_connector_with_connector(connector).map_err(failed)?;
    let http = HttpClient::builder(TokioExecutor::new()).build::<_, Body>(https);
    let service = ServiceBuilder::new()
        .layer(config.base_uri_layer())
        .option_layer(config.default_retry.then(|| RetryLayer::new(RetryPolicy::server_retry())))
        .option_layer(config.auth_layer().map_err(failed)?)
        .layer(config.extra_headers_layer().map_err(failed)?)
        .map_err(BoxError::from)
        .service(http);
    let service = tower::service_fn(move |request| readiness::send(service.clone(), request, readiness::PAUSE));
    Ok(ClientBuilder::new(service.boxed(), config.default_namespace.clone()).build())
}

/// Why newleaf cannot build a client.
#[derive(Debug, thiserror::Error)]
pub enum ConnectionError {
    /// There is neither a kubeconfig nor a service account.
    #[error("no kubeconfig found in {searched}, and this is not a pod")]
    Missing {
        /// The places that newleaf searched.
        searched: String,
    },
    /// A kubeconfig cannot be read.
    #[error("cannot read the kubeconfig {file}")]
    Unreadable {
        file: String,
        /// The error of the operating system.
        source: io::Error,
    },
    /// A kubeconfig has no usable content.
    #[error("the kubeconfig {file} cannot be used: {reason}")]
    Unusable {
        /// The file or files.
        file: String,
        /// Why, without what may be a key in it.
        reason: RemoteText,
    },
    /// The kubeconfig has no current context, and the operator chose none.
    #[error("the kubeconfig {file} names no current context, and none was given")]
    NoContext {
        /// The file or files.
        file: String,
    },
    /// The kubeconfig lacks the chosen entry.
    #[error("the kubeconfig {file} has no {what} {name:?}")]
    Context {
        /// The file or files.
        file: String,
        /// `context` or `cluster`.
        what: &'static str,
        /// The name of the entry.
        name: String,
    },
    /// The service account of the pod is unusable.
    #[error("the service account of this pod cannot be used: {reason}")]
    ServiceAccount {
        /// Why, without what may be a key in it.
        reason: RemoteText,
    },
    /// The operator named groups but no user.
    #[error("--as-group needs --as: Kubernetes impersonates a group only together with a user")]
    GroupsWithoutUser,
    /// The certificates, keys or addresses are wrong.
    #[error("the credentials or addresses of the cluster are unusable: {reason}")]
    Client {
        /// Why, without what may be a key in it.
        reason: RemoteText,
    },
}

impl Diagnose for ConnectionError {
    fn code(&self) -> Code {
        match self {
            Self::Missing { .. } => Code::KubeconfigMissing,
            Self::Unreadable { .. } | Self::Unusable { .. } | Self::ServiceAccount { .. } | Self::Client { .. } => {
                Code::KubeconfigUnusable
            }
            Self::NoContext { .. } | Self::Context { .. } => Code::ContextMissing,
            Self::GroupsWithoutUser => Code::ValueInvalid,
        }
    }

    fn object(&self) -> Option<String> {
        match self {
            Self::Unreadable { file, .. }
            | Self::Unusable { file, .. }
            | Self::NoContext { file }
            | Self::Context { file, .. } => Some(file.clone()),
            Self::Missing { .. } | Self::ServiceAccount { .. } | Self::GroupsWithoutUser | Self::Client { .. } => None,
        }
    }
}
