//! Reading: one object, many of them page by page, the end of a log.

use std::time::Duration;

use futures_util::io::AsyncBufRead;
use kube::Client;
use kube::api::{GetParams, ListParams, LogParams};
use kube::core::Request;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::api::answer::BODY_MAX;
use crate::api::call::Call;
use crate::api::error::KubernetesError;
use crate::api::object::ReadObject;

/// Objects in a page. A page of real pods, with all the fields that other programs write, has about 1.3 MB.
const PAGE: u32 = 100;
/// The size limit of a page with more than one object, in bytes.
const PAGE_BYTES: usize = 2 * 1024 * 1024;
/// The factor by which the next page is smaller after a page was too large.
const SMALLER: u32 = 8;
/// The largest number of pages of a list.
pub(crate) const PAGES_MAX: u32 = 1_000;
/// The time limit for a whole list, regardless of its pages.
const LIST: Duration = Duration::from_secs(60);

/// The objects of a resource that the API server selects.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// A label selector. Empty selects all.
    pub labels: String,
    /// A field selector. Empty selects all.
    pub fields: String,
    /// Whether to ask for the metadata only.
    pub metadata: bool,
}

/// One page of a list.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListPage<T> {
    kind: String,
    metadata: ListPageMetadata,
    #[serde(default = "none")]
    items: Option<Vec<T>>,
}

#[derive(Debug, Deserialize)]
struct ListPageMetadata {
    /// The token of the next page. Empty on the last page.
    #[serde(rename = "continue", default)]
    next: String,
}

const fn none<T>() -> Option<Vec<T>> {
    None
}

impl Call {
    /// Reads the object. `None` if the API server says that it does not exist.
    pub async fn read<T: DeserializeOwned>(
        self,
        client: &Client,
        limit: Duration,
    ) -> Result<Option<ReadObject<T>>, KubernetesError> {
        let request = Request::new(self.path()).get(self.name.as_deref().unwrap_or_default(), &GetParams::default());
        match self.answer(client, limit, request).await {
            Ok(answer) => answer.object().map(Some),
            Err(KubernetesError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Reads an object that must exist.
    pub async fn read_present<T: DeserializeOwned>(
        self,
        client: &Client,
        limit: Duration,
    ) -> Result<ReadObject<T>, KubernetesError> {
        let call = self.clone();
        self.read(client, limit).await?.ok_or(KubernetesError::NotFound { call })
    }

    /// Passes each selected object to `take`, page by page. `limit` applies to one page. After an error, `take` has not seen
    /// all objects.
    pub async fn each<T: DeserializeOwned>(
        self,
        client: &Client,
        selection: &Selection,
        limit: Duration,
        mut take: impl FnMut(T),
    ) -> Result<(), KubernetesError> {
        let call = self.clone();
        self.within(LIST, async move {
            let mut size = PAGE;
            let mut next = String::new();
            for _ in 0..PAGES_MAX {
                let page: ListPage<T> = match call.clone().page(client, selection, size, &next, limit).await {
                    Err(KubernetesError::TooLarge { .. }) if size > 1 => {
                        size = (size / SMALLER).max(1);
                        continue;
                    }
                    page => page?,
                };
                page.items.unwrap_or_default().into_iter().for_each(&mut take);
                next = page.metadata.next;
                if next.is_empty() {
                    return Ok(());
                }
            }
            Err(KubernetesError::TooMany { call, pages: PAGES_MAX })
        })
        .await
    }

    async fn page<T: DeserializeOwned>(
        self,
        client: &Client,
        selection: &Selection,
        size: u32,
        next: &str,
        limit: Duration,
    ) -> Result<ListPage<T>, KubernetesError> {
        let Selection { labels, fields, metadata } = selection;
        let mut parameters = ListParams { limit: Some(size), ..ListParams::default() };
        parameters.label_selector = Some(labels.clone()).filter(|labels| !labels.is_empty());
        parameters.field_selector = Some(fields.clone()).filter(|fields| !fields.is_empty());
        parameters.continue_token = Some(next.to_owned()).filter(|next| !next.is_empty());
        let request = Request::new(self.path());
        let (request, kind) = if *metadata {
            (request.list_metadata(&parameters), "PartialObjectMetadataList".to_owned())
        } else {
            (request.list(&parameters), format!("{}List", self.resource.kind()))
        };
        let call = self.clone();
        let bytes = if size > 1 { PAGE_BYTES } else { BODY_MAX };
        let page: ListPage<T> = self.answer_of(client, limit, request, bytes).await?.parse()?;
        if page.kind == kind {
            Ok(page)
        } else {
            Err(KubernetesError::Foreign { call, problem: "it is not the requested list" })
        }
    }

    /// Opens a log as a stream.
    pub async fn log(
        self,
        client: &Client,
        wanted: &LogParams,
        limit: Duration,
    ) -> Result<impl AsyncBufRead + use<>, KubernetesError> {
        let request = Request::new(self.path()).logs(self.name.as_deref().unwrap_or_default(), wanted);
        self.stream(client, limit, request).await
    }

    /// Reads the last lines of a log.
    pub async fn log_end(
        self,
        client: &Client,
        wanted: &LogParams,
        limit: Duration,
    ) -> Result<Vec<u8>, KubernetesError> {
        let request = Request::new(self.path()).logs(self.name.as_deref().unwrap_or_default(), wanted);
        Ok(self.answer(client, limit, request).await?.body.to_vec())
    }
}
