//! What a scheduler says of itself and its executors, in the metadata of an answer.

use std::time::Duration;

use ballista_core::serde::protobuf::GetJobStatusParams;
use ballista_core::serde::protobuf::scheduler_grpc_client::SchedulerGrpcClient;
use tonic::metadata::MetadataMap;
use tonic::transport::Endpoint;

use super::error::Error;
use super::identity::Identity;
use super::settings;

const IDENTITY: &str = "hv-identity";
const EXECUTORS: &str = "hv-executors";
const LOST: &str = "hv-lost";
const REFUSED: &str = "hv-refused";

/// What a scheduler says of itself and its executors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// The scheduler's version and functions.
    pub identity: Identity,
    /// How many executors have been heard of in the last seconds.
    pub executors: usize,
    /// How often an executor was lost since the scheduler started: it left, was silent for 4 s, or refuses connections.
    pub lost: u64,
    /// Why executors were refused in the last minute: a sentence each.
    pub refused: Vec<String>,
}

impl Status {
    /// Writes it into the metadata of an answer.
    pub(super) fn write(&self, metadata: &mut MetadataMap) {
        let mut insert = |name, value: &str| {
            if let Ok(value) = ascii(value).parse() {
                metadata.append(name, value);
            }
        };
        insert(IDENTITY, &self.identity.to_text());
        insert(EXECUTORS, &self.executors.to_string());
        insert(LOST, &self.lost.to_string());
        self.refused.iter().for_each(|reason| insert(REFUSED, reason));
    }

    fn read(metadata: &MetadataMap) -> Option<Self> {
        let text = |name| metadata.get(name)?.to_str().ok();
        let refused = metadata.get_all(REFUSED).iter().filter_map(|reason| Some(reason.to_str().ok()?.to_owned()));
        Some(Self {
            identity: Identity::from_text(text(IDENTITY)?)?,
            executors: text(EXECUTORS)?.parse().ok()?,
            lost: text(LOST)?.parse().ok()?,
            refused: refused.collect(),
        })
    }
}

/// Metadata are printable ASCII.
fn ascii(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_graphic() || c == ' ' { c } else { '?' }).collect()
}

/// Asks the scheduler at `ADDR:PORT` for its status, and checks that its version and functions are the same as here.
///
/// # Errors
///
/// If it does not answer within 5 s, is no scheduler of this crate, or differs from this program.
pub async fn status(scheduler: &str) -> Result<Status, Error> {
    let unreachable = |why: &dyn std::fmt::Display| {
        Error::from(format!("the scheduler at {scheduler} does not answer ({why}); is hv-scheduler running there?"))
    };
    let ask = async {
        let endpoint = Endpoint::from_shared(format!("http://{scheduler}")).map_err(|error| unreachable(&error))?;
        let channel = settings::endpoint(endpoint).connect().await.map_err(|error| unreachable(&innermost(&error)))?;
        let question = GetJobStatusParams { job_id: String::new() };
        SchedulerGrpcClient::new(channel).get_job_status(question).await.map_err(|error| unreachable(&error.message()))
    };
    let answer = tokio::time::timeout(Duration::from_secs(5), ask).await;
    let answer = answer.map_err(|_| unreachable(&"no answer in 5 s"))??;
    let Some(status) = Status::read(answer.metadata()) else {
        return Err(format!("what listens at {scheduler} is no hv-scheduler; start one with hv-scheduler").into());
    };
    match Identity::own().difference(&status.identity) {
        Some(difference) => {
            Err(format!("the scheduler at {scheduler} {difference}; run one version of hv-datafusion everywhere")
                .into())
        }
        None => Ok(status),
    }
}

/// The cause of all causes, which says what happened; tonic's own errors say "transport error".
fn innermost<'e>(error: &'e (dyn std::error::Error + 'static)) -> &'e (dyn std::error::Error + 'static) {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_survives_in_metadata() {
        let refused = vec!["the executor at 10.0.0.7 lacks the functions hv_top_k".to_owned(), "é".to_owned()];
        let status = Status { identity: Identity::own(), executors: 3, lost: 2, refused };
        let mut metadata = MetadataMap::new();
        status.write(&mut metadata);
        let read = Status::read(&metadata).unwrap();
        assert_eq!((&read.identity, read.executors, read.lost), (&status.identity, 3, 2));
        assert_eq!(read.refused, [status.refused[0].clone(), "?".to_owned()]);
        assert_eq!(Status::read(&MetadataMap::new()), None);
    }
}
