//! The scheduler: Ballista's, with our functions, behind the check of executors.

use std::net::SocketAddr;
use std::sync::Arc;

use ballista_core::serde::protobuf::scheduler_grpc_server::SchedulerGrpcServer;
use ballista_core::utils::default_session_builder;
use ballista_scheduler::cluster::BallistaCluster;
use ballista_scheduler::config::SchedulerConfig;
use ballista_scheduler::scheduler_process::create_scheduler;
use datafusion::execution::{FunctionRegistry, SessionState, SessionStateBuilder};
use datafusion::prelude::SessionConfig;
use datafusion_proto::protobuf::{LogicalPlanNode, PhysicalPlanNode};
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;

use super::error::Error;
use super::guard::Guard;
use super::runtime::runtime;
use super::settings;
use crate::functions::aggregate_functions;
use crate::scalar::scalar_functions;

/// A scheduler that listens, and answers once it [serves](Self::serve).
#[derive(Debug)]
pub struct Scheduler {
    incoming: TcpIncoming,
    address: SocketAddr,
}

impl Scheduler {
    /// Listens on an address; on any free port where the port is 0.
    ///
    /// # Errors
    ///
    /// If the address cannot be listened on.
    pub fn bind(address: SocketAddr) -> Result<Self, Error> {
        let failed = |error: &dyn std::fmt::Display| Error::from(format!("cannot listen on {address}: {error}"));
        let incoming = TcpIncoming::bind(address).map_err(|error| failed(&error))?.with_nodelay(Some(true));
        let address = incoming.local_addr().map_err(|error| failed(&error))?;
        Ok(Self { incoming, address })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers executors and clients, for ever.
    ///
    /// # Errors
    ///
    /// If the scheduler cannot be started, or its socket fails.
    pub async fn serve(self) -> Result<(), Error> {
        let config = Arc::new(self.config());
        let cluster = BallistaCluster::new_from_config(&config).await?;
        let scheduler = create_scheduler::<LogicalPlanNode, PhysicalPlanNode>(cluster, config).await?;
        let service = SchedulerGrpcServer::new(Guard::new(scheduler))
            .max_decoding_message_size(settings::MAX_MESSAGE as usize)
            .max_encoding_message_size(settings::MAX_MESSAGE as usize);
        Ok(Server::builder().add_service(service).serve_with_incoming(self.incoming).await?)
    }

    fn config(&self) -> SchedulerConfig {
        let mut config = SchedulerConfig::default()
            .with_hostname(self.address.ip().to_string())
            .with_port(self.address.port())
            .with_grpc_server_max_decoding_message_size(settings::MAX_MESSAGE)
            .with_grpc_server_max_encoding_message_size(settings::MAX_MESSAGE)
            .with_grpc_client_max_message_size(settings::MAX_MESSAGE)
            .with_no_executors_grace_period_seconds(settings::GRACE.as_secs())
            .with_override_session_builder(Arc::new(session))
            .with_override_create_grpc_client_endpoint(settings::override_endpoint());
        config.executor_timeout_seconds = settings::LOST_AFTER.as_secs();
        config.expire_dead_executor_interval_seconds = 1;
        config.executor_termination_grace_period = settings::LOST_AFTER.as_secs();
        config
    }
}

/// The session in which the scheduler plans.
fn session(config: SessionConfig) -> datafusion::error::Result<SessionState> {
    let state = default_session_builder(config)?;
    let mut state = SessionStateBuilder::new_from_existing(state).with_runtime_env(runtime(None)?).build();
    for function in scalar_functions() {
        state.register_udf(Arc::new(function))?;
    }
    for function in aggregate_functions() {
        state.register_udaf(Arc::new(function))?;
    }
    Ok(state)
}
