//! `hv completions` and `hv man`: what can be typed, for shells and as manual pages.

use std::io::Write;

use clap_mangen::Man;

use crate::args::{CompletionsArgs, ManArgs, grammar};
use crate::failure::Failure;

pub fn completions(args: &CompletionsArgs, out: &mut impl Write) -> Result<(), Failure> {
    // Not straight to `out`: a write that fails would be a panic.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut grammar(false), "hv", &mut script);
    Ok(out.write_all(&script)?)
}

pub fn man(args: &ManArgs, out: &mut impl Write) -> Result<(), Failure> {
    let mut hv = grammar(false);
    hv.build();
    let page = match &args.command {
        None => hv,
        Some(name) => hv
            .find_subcommand(name)
            .cloned()
            .ok_or_else(|| Failure::usage(format_args!("hv has no command {name:?}; hv --help lists them")))?,
    };
    Ok(Man::new(page).render(out)?)
}
