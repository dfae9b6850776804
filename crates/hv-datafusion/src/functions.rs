//! All functions together, and how a session gets them.

use datafusion::execution::context::SessionContext;
use datafusion::logical_expr::AggregateUDF;

use crate::bundle::Bundle;
use crate::scalar::scalar_functions;
use crate::top_k::TopKFunction;

/// The aggregate functions of this crate.
#[must_use]
pub fn aggregate_functions() -> Vec<AggregateUDF> {
    vec![
        AggregateUDF::new_from_impl(Bundle::new()),
        AggregateUDF::new_from_impl(TopKFunction::one()),
        AggregateUDF::new_from_impl(TopKFunction::batch()),
    ]
}

/// Gives a session all functions of this crate.
pub fn register(context: &SessionContext) {
    scalar_functions().into_iter().for_each(|function| context.register_udf(function));
    aggregate_functions().into_iter().for_each(|function| context.register_udaf(function));
}
