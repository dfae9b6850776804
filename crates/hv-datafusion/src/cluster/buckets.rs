//! Buckets of S3, opened when a table asks for one.

use std::sync::Arc;

use datafusion::error::{DataFusionError, Result};
use datafusion::execution::object_store::{DefaultObjectStoreRegistry, ObjectStoreRegistry};
use object_store::ObjectStore;
use object_store::aws::AmazonS3Builder;
use url::Url;

/// The stores of a session: `file://` and those that were registered, and `s3://BUCKET` by the variables of the environment.
#[derive(Debug, Default)]
pub struct Buckets(DefaultObjectStoreRegistry);

impl ObjectStoreRegistry for Buckets {
    fn register_store(&self, url: &Url, store: Arc<dyn ObjectStore>) -> Option<Arc<dyn ObjectStore>> {
        self.0.register_store(url, store)
    }

    fn deregister_store(&self, url: &Url) -> Result<Arc<dyn ObjectStore>> {
        self.0.deregister_store(url)
    }

    fn get_store(&self, url: &Url) -> Result<Arc<dyn ObjectStore>> {
        match (self.0.get_store(url), url.scheme(), url.host_str()) {
            (Err(_), "s3", Some(bucket)) => {
                let built = AmazonS3Builder::from_env().with_bucket_name(bucket).build();
                let store: Arc<dyn ObjectStore> =
                    Arc::new(built.map_err(|error| DataFusionError::External(Box::new(error)))?);
                self.0.register_store(url, Arc::clone(&store));
                Ok(store)
            }
            (found, ..) => found,
        }
    }
}
