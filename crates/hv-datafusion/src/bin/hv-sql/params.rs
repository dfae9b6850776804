//! Parameters: `$NAME` in the statement becomes the vectors of a file.

use std::fmt::Write as _;
use std::path::PathBuf;

use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};
use hv_datafusion::hv_memory::HV16;

use super::failure::Failure;
use super::npy;

/// The statement with its parameters put in, as literals.
///
/// # Errors
///
/// If a file cannot be read, a name is given twice, or a parameter has no value, or a value no parameter.
pub fn put_in(statement: &str, given: &[(String, PathBuf)]) -> Result<String, Failure> {
    let mut literals: Vec<(String, String)> = Vec::new();
    for (name, path) in given {
        if literals.iter().any(|(known, _)| known[1..] == *name) {
            return Err(Failure::usage(format!("--param {name} is given twice; give it once")));
        }
        let vectors =
            npy::read(path).map_err(|error| Failure::failed(format!("--param {name}={}: {error}", path.display())))?;
        literals.push((format!("${name}"), literal(&vectors)));
    }
    replaced(statement, &literals)
}

/// One vector as a literal, or several as a list of them.
fn literal(vectors: &[HV16]) -> String {
    let one = |vector: &HV16| {
        let mut text = String::with_capacity(2 * HV16::BYTES + 3);
        text.push_str("X'");
        for byte in vector.0 {
            let _ = write!(text, "{byte:02x}"); // writing to a text does not fail
        }
        text + "'"
    };
    match vectors {
        [vector] => one(vector),
        vectors => format!("[{}]", vectors.iter().map(one).collect::<Vec<_>>().join(",")),
    }
}

fn replaced(statement: &str, literals: &[(String, String)]) -> Result<String, Failure> {
    let tokens = Tokenizer::new(&GenericDialect, statement)
        .with_unescape(false)
        .tokenize()
        .map_err(|error| Failure::failed(format!("the query cannot be read: {error}")))?;
    let mut text = String::with_capacity(statement.len());
    let mut used = vec![false; literals.len()];
    for token in tokens {
        match &token {
            Token::Placeholder(name) => match literals.iter().position(|(known, _)| known == name) {
                Some(index) => {
                    used[index] = true;
                    text.push_str(&literals[index].1);
                }
                None => {
                    let bare = name.trim_start_matches(['$', '?', ':']);
                    return Err(Failure::usage(format!(
                        "the query has the parameter {name} without a value; give --param {bare}=FILE.npy"
                    )));
                }
            },
            other => text.push_str(&other.to_string()),
        }
    }
    match used.iter().position(|used| !used) {
        Some(index) => Err(Failure::usage(format!(
            "--param {}: the query has no {}; write it where the vectors go",
            &literals[index].0[1..],
            literals[index].0
        ))),
        None => Ok(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_parameters_are_replaced() {
        let values = [("$q".to_owned(), "X'00'".to_owned()), ("$q2".to_owned(), "[X'01']".to_owned())];
        let statement = "SELECT '$q', f($q, \"a$q\"), $q2 -- $q\nFROM t /* $q2 */ WHERE s = 'it''s \\'";
        let expected = statement.replace("f($q,", "f(X'00',").replace(" $q2 --", " [X'01'] --");
        assert_eq!(replaced(statement, &values).unwrap(), expected);
    }

    #[test]
    fn parameters_and_values_must_match() {
        let failure = |statement, names: &[&str]| {
            let values: Vec<_> = names.iter().map(|name| (format!("${name}"), String::new())).collect();
            replaced(statement, &values).unwrap_err()
        };
        let lacking = failure("SELECT $q", &[]);
        assert!(lacking.code == 2 && lacking.text.contains("--param q=FILE.npy"), "{}", lacking.text);
        let unused = failure("SELECT 1", &["q"]);
        assert!(unused.code == 2 && unused.text.contains("the query has no $q"), "{}", unused.text);
    }

    #[test]
    fn one_row_is_a_vector_and_more_are_a_list() {
        let (one, two) = (literal(&[HV16::ZERO]), literal(&[HV16::ZERO; 2]));
        assert_eq!(one.len(), 515);
        assert_eq!(two, format!("[{one},{one}]"));
    }
}
