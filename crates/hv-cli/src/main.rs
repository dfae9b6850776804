//! The program `hv`.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(hv_cli::run(std::env::args_os()))
}
