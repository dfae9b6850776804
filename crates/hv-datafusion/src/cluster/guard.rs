//! Ballista's service, and in front of it the check of executors.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use ballista_core::serde::protobuf::scheduler_grpc_server::SchedulerGrpc;
use ballista_core::serde::protobuf::{
    CancelJobParams, CancelJobResult, CleanJobDataParams, CleanJobDataResult, CreateUpdateSessionParams,
    CreateUpdateSessionResult, ExecuteQueryParams, ExecuteQueryResult, ExecutorRegistration, ExecutorStoppedParams,
    ExecutorStoppedResult, GetJobMetricsParams, GetJobMetricsResult, GetJobStatusParams, GetJobStatusResult,
    HeartBeatParams, HeartBeatResult, PollWorkParams, PollWorkResult, RegisterExecutorParams, RegisterExecutorResult,
    RemoveSessionParams, RemoveSessionResult, UpdateTaskStatusParams, UpdateTaskStatusResult, executor_status,
    job_status,
};
use futures::{Stream, StreamExt};
use tonic::{Request, Response};

use super::identity::Identity;
use super::settings::{LOST_AFTER, SILENT_AFTER};
use super::status::Status;

/// How long a refusal is told to clients.
const REMEMBERED: Duration = Duration::from_secs(60);

/// At most this many refusals are told.
const TOLD: usize = 8;

/// How long an executor may take to accept a connection.
const CONNECTS_IN: Duration = Duration::from_secs(2);

/// Lets executors pass that are as the scheduler is, keeps their number, and cancels the jobs of clients that are gone.
pub struct Guard<S> {
    inner: Arc<S>,
    own: Identity,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    /// What is known of each executor, by id.
    executors: HashMap<String, Heard>,
    /// How often an executor was lost.
    lost: u64,
    /// When each was refused last, and why, by address.
    refused: HashMap<String, (Instant, String)>,
}

/// A host, which may be an IPv6 address, and a port.
type Address = (String, u16);

/// An executor.
struct Heard {
    last: Instant,
    /// Where it listens for tasks, once it has said so.
    address: Option<Address>,
    /// Whether it counts as lost until it is heard of again.
    lost: bool,
}

impl Seen {
    /// Notes that an executor was heard of. One that was silent for long was lost, and is back.
    fn hears(&mut self, id: &str, listens: Option<Address>) {
        let new = || Heard { last: Instant::now(), address: None, lost: false };
        let heard = self.executors.entry(id.to_owned()).or_insert_with(new);
        let lost = !heard.lost && heard.last.elapsed() > SILENT_AFTER;
        self.lost += u64::from(lost);
        (heard.last, heard.lost) = (Instant::now(), false);
        heard.address = listens.or(heard.address.take());
    }

    /// Notes that an executor has gone.
    fn loses(&mut self, id: &str) {
        if self.executors.remove(id).is_some_and(|heard| !heard.lost) {
            self.lost += 1;
        }
    }

    /// Notes which executors are silent, or refuse a connection.
    fn counts_lost(&mut self, refusing: &[String]) {
        for (id, heard) in &mut self.executors {
            if !heard.lost && (heard.last.elapsed() > SILENT_AFTER || refusing.contains(id)) {
                heard.lost = true;
                self.lost += 1;
            }
        }
    }
}

impl<S: SchedulerGrpc> Guard<S> {
    pub fn new(inner: S) -> Self {
        Self { inner: Arc::new(inner), own: Identity::own(), seen: Mutex::default() }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn status(&self) -> Status {
        let known: Vec<(String, Address)> = {
            let seen = self.seen();
            let nodes = seen.executors.iter().filter(|(_, heard)| !heard.lost);
            nodes.filter_map(|(id, heard)| Some((id.clone(), heard.address.clone()?))).collect()
        };
        let tried = known.into_iter().map(|(id, address)| async move { (!accepts(address).await).then_some(id) });
        let refusing: Vec<String> = futures::future::join_all(tried).await.into_iter().flatten().collect();
        let mut seen = self.seen();
        seen.counts_lost(&refusing);
        seen.executors.retain(|_, heard| heard.last.elapsed() < LOST_AFTER);
        seen.refused.retain(|_, (refused, _)| refused.elapsed() < REMEMBERED);
        let mut refused: Vec<String> = seen.refused.values().map(|(_, reason)| reason.clone()).collect();
        refused.sort();
        refused.truncate(TOLD);
        Status { identity: self.own.clone(), executors: seen.executors.len(), lost: seen.lost, refused }
    }

    /// Checks the id that an executor gives, and notes that it was heard of from `address`, and where it listens.
    fn check(&self, id: &str, address: &str, listens: Option<Address>) -> Result<(), tonic::Status> {
        let difference = match Identity::from_text(id) {
            Some(identity) => self.own.difference(&identity),
            None => Some("is no hv-executor".to_owned()),
        };
        let mut seen = self.seen();
        match difference {
            None => {
                seen.hears(id, listens);
                Ok(())
            }
            Some(difference) => {
                let reason = format!("the executor at {address} {difference}; it was refused");
                seen.refused.insert(address.to_owned(), (Instant::now(), reason.clone()));
                Err(tonic::Status::failed_precondition(reason))
            }
        }
    }

    /// The same for what it registers with. Gives it the address that it calls from where it names none.
    fn check_registration(
        &self,
        from: Option<SocketAddr>,
        registration: &mut Option<ExecutorRegistration>,
    ) -> Result<(), tonic::Status> {
        let Some(registration) = registration else {
            return Err(tonic::Status::failed_precondition("the executor does not say who it is; it was refused"));
        };
        let host = registration.host.get_or_insert_with(|| from.map_or_else(String::new, |from| from.ip().to_string()));
        let listens = u16::try_from(registration.grpc_port).ok().map(|port| (host.clone(), port));
        self.check(&registration.id, &format!("{host}:{}", registration.port), listens)
    }
}

/// Whether a node accepts a connection.
async fn accepts(address: Address) -> bool {
    matches!(tokio::time::timeout(CONNECTS_IN, tokio::net::TcpStream::connect(address)).await, Ok(Ok(_)))
}

type Answer<T> = Result<Response<T>, tonic::Status>;

#[tonic::async_trait]
impl<S: SchedulerGrpc> SchedulerGrpc for Guard<S>
where
    S::ExecuteQueryPushStream: Unpin,
{
    type ExecuteQueryPushStream = Watched<S>;

    async fn poll_work(&self, mut request: Request<PollWorkParams>) -> Answer<PollWorkResult> {
        let from = request.remote_addr();
        self.check_registration(from, &mut request.get_mut().metadata)?;
        self.inner.poll_work(request).await
    }

    async fn register_executor(&self, mut request: Request<RegisterExecutorParams>) -> Answer<RegisterExecutorResult> {
        let from = request.remote_addr();
        self.check_registration(from, &mut request.get_mut().metadata)?;
        self.inner.register_executor(request).await
    }

    async fn heart_beat_from_executor(&self, mut request: Request<HeartBeatParams>) -> Answer<HeartBeatResult> {
        let from = request.remote_addr();
        self.check_registration(from, &mut request.get_mut().metadata)?;
        let beat = request.get_ref();
        let status = beat.status.as_ref().and_then(|status| status.status.as_ref());
        if matches!(status, Some(executor_status::Status::Terminating(_) | executor_status::Status::Dead(_))) {
            self.seen().loses(&beat.executor_id);
        }
        self.inner.heart_beat_from_executor(request).await
    }

    async fn update_task_status(&self, request: Request<UpdateTaskStatusParams>) -> Answer<UpdateTaskStatusResult> {
        let from = request.remote_addr().map_or_else(String::new, |from| from.to_string());
        self.check(&request.get_ref().executor_id, &from, None)?;
        self.inner.update_task_status(request).await
    }

    async fn create_update_session(
        &self,
        request: Request<CreateUpdateSessionParams>,
    ) -> Answer<CreateUpdateSessionResult> {
        self.inner.create_update_session(request).await
    }

    async fn remove_session(&self, request: Request<RemoveSessionParams>) -> Answer<RemoveSessionResult> {
        self.inner.remove_session(request).await
    }

    async fn execute_query_push(&self, request: Request<ExecuteQueryParams>) -> Answer<Self::ExecuteQueryPushStream> {
        let answer = self.inner.execute_query_push(request).await?;
        let scheduler = Arc::clone(&self.inner);
        Ok(answer.map(|stream| Watched { stream: Some(stream), job: None, scheduler }))
    }

    async fn execute_query(&self, request: Request<ExecuteQueryParams>) -> Answer<ExecuteQueryResult> {
        self.inner.execute_query(request).await
    }

    /// A question for no job is one for the scheduler.
    async fn get_job_status(&self, request: Request<GetJobStatusParams>) -> Answer<GetJobStatusResult> {
        if !request.get_ref().job_id.is_empty() {
            return self.inner.get_job_status(request).await;
        }
        let mut answer = Response::new(GetJobStatusResult::default());
        self.status().await.write(answer.metadata_mut());
        Ok(answer)
    }

    async fn get_job_metrics(&self, request: Request<GetJobMetricsParams>) -> Answer<GetJobMetricsResult> {
        self.inner.get_job_metrics(request).await
    }

    async fn executor_stopped(&self, request: Request<ExecutorStoppedParams>) -> Answer<ExecutorStoppedResult> {
        self.seen().loses(&request.get_ref().executor_id);
        self.inner.executor_stopped(request).await
    }

    async fn cancel_job(&self, request: Request<CancelJobParams>) -> Answer<CancelJobResult> {
        self.inner.cancel_job(request).await
    }

    async fn clean_job_data(&self, request: Request<CleanJobDataParams>) -> Answer<CleanJobDataResult> {
        self.inner.clean_job_data(request).await
    }
}

/// The news of a job for the client that waits for it. The job is cancelled where the client goes before its end.
pub struct Watched<S: SchedulerGrpc> {
    /// `None` once the job has ended.
    stream: Option<S::ExecuteQueryPushStream>,
    job: Option<String>,
    scheduler: Arc<S>,
}

impl<S: SchedulerGrpc> Stream for Watched<S>
where
    S::ExecuteQueryPushStream: Unpin,
{
    type Item = Result<GetJobStatusResult, tonic::Status>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        let Some(stream) = &mut this.stream else { return Poll::Ready(None) };
        let next = stream.poll_next_unpin(context);
        match &next {
            Poll::Ready(Some(Ok(news))) => {
                let status = news.status.as_ref();
                this.job = status.map(|status| status.job_id.clone()).or(this.job.take());
                let has_ended = status.and_then(|status| status.status.as_ref()).is_some_and(has_ended);
                if has_ended {
                    this.stream = None;
                }
            }
            Poll::Ready(None | Some(Err(_))) => this.stream = None,
            Poll::Pending => {}
        }
        next
    }
}

fn has_ended(status: &job_status::Status) -> bool {
    matches!(status, job_status::Status::Failed(_) | job_status::Status::Successful(_))
}

impl<S: SchedulerGrpc> Drop for Watched<S> {
    fn drop(&mut self) {
        let (Some(stream), Ok(runtime)) = (self.stream.take(), tokio::runtime::Handle::try_current()) else { return };
        let (job, scheduler) = (self.job.take(), Arc::clone(&self.scheduler));
        runtime.spawn(async move {
            let mut stream = Box::pin(stream);
            let mut job = job;
            // The id of the job comes with the first news, after planning.
            while job.is_none() {
                match stream.next().await {
                    Some(Ok(news)) => job = news.status.map(|status| status.job_id),
                    _ => return,
                }
            }
            if let Some(job_id) = job {
                // Nobody is left who could be told of a failure; the job then runs to its end.
                let _ = scheduler.cancel_job(Request::new(CancelJobParams { job_id })).await;
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Makes it as if an executor had said nothing for a while.
    fn silences(seen: &mut Seen, id: &str, time: Duration) {
        let heard = seen.executors.get_mut(id).unwrap();
        heard.last = heard.last.checked_sub(time).unwrap();
    }

    #[test]
    fn each_loss_counts_once() {
        let mut seen = Seen::default();
        let address = || Some(("127.0.0.1".to_owned(), 1));
        seen.hears("a", address());
        seen.hears("b", None);
        seen.counts_lost(&[]);
        assert_eq!(seen.lost, 0);
        // Silent, also when asked twice, and when it comes back.
        silences(&mut seen, "a", SILENT_AFTER);
        seen.counts_lost(&[]);
        seen.counts_lost(&[]);
        seen.hears("a", None);
        assert_eq!((seen.lost, seen.executors["a"].address.clone()), (1, address()));
        // Silent while nobody asked.
        silences(&mut seen, "a", SILENT_AFTER);
        seen.hears("a", None);
        assert_eq!(seen.lost, 2);
        // Refusing, and then gone.
        seen.counts_lost(&["b".to_owned()]);
        seen.loses("b");
        seen.loses("b");
        assert_eq!(seen.lost, 3);
        // Gone at once.
        seen.loses("a");
        assert_eq!((seen.lost, seen.executors.len()), (4, 0));
    }
}
