//! Short names of columns: without them, an unaliased column would be named after its query, 256 numbers long.

use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash, Hasher};

use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::Expr;
use datafusion::logical_expr::expr::AggregateFunctionParams;

use crate::literals::within_dictionary;

/// The longest text of an argument that a name takes as it is.
const LONGEST: usize = 40;

/// The name of a call: long arguments are told apart by a hash.
pub fn of_call(function: &str, arguments: &[Expr]) -> String {
    let arguments: Vec<String> = arguments.iter().map(of_argument).collect();
    format!("{function}({})", arguments.join(","))
}

/// The name of a call of an aggregate.
pub fn of_aggregate(function: &str, params: &AggregateFunctionParams) -> Result<String> {
    let mut name = of_call(function, &params.args);
    if params.distinct {
        name = name.replacen('(', "(DISTINCT ", 1);
    }
    if let Some(filter) = &params.filter {
        write!(name, " FILTER (WHERE {})", of_argument(filter))?;
    }
    if !params.order_by.is_empty() {
        let order: Vec<String> = params.order_by.iter().map(|sort| shortened(sort.to_string())).collect();
        write!(name, " ORDER BY [{}]", order.join(", "))?;
    }
    Ok(name)
}

fn of_argument(argument: &Expr) -> String {
    match argument {
        // Not by its text, which takes a millisecond for a thousand queries; and with or without a dictionary around it.
        Expr::Literal(value, _) if value.size() > LONGEST + size_of::<ScalarValue>() => {
            hash_of(within_dictionary(value))
        }
        // A list of literals is a call until it is computed.
        Expr::ScalarFunction(call) => shortened(of_call(call.name(), &call.args)),
        other => shortened(other.schema_name().to_string()),
    }
}

fn shortened(text: String) -> String {
    if text.len() <= LONGEST { text } else { hash_of(&text) }
}

fn hash_of(value: &impl Hash) -> String {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    format!("#{:016x}", hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion::prelude::{col, lit};

    #[test]
    fn long_arguments_are_short_and_differ() {
        let name = |byte: u8| of_call("f", &[col("v"), lit(vec![byte; 256]), lit(5_i64)]);
        assert!(name(1).starts_with("f(v,#") && name(1).ends_with(",Int64(5))"), "{}", name(1));
        assert!(name(1).len() < 40 && name(1) != name(2));
        let list = |byte: u8| {
            of_call("f", &[datafusion::functions_nested::expr_fn::make_array(vec![lit(vec![byte; 256]); 3])])
        };
        assert!(list(1).len() < 40 && list(1) != list(2), "{}", list(1));
    }
}
