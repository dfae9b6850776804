//! Printing.

/// `println!` that also goes on where nobody reads on (`| head`): after the tables come files to be written.
macro_rules! say {
    ($($text:tt)*) => {{
        use std::io::Write;
        let _ = writeln!(std::io::stdout(), $($text)*);
    }};
}

pub(crate) use say;
