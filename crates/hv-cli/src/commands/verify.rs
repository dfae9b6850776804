//! `hv verify`: read everything again, and name whatever is not what was written.

use std::io::Write;

use hv_memory::Progress;

use crate::args::VerifyArgs;
use crate::failure::Failure;
use crate::numbers::counted;
use crate::show;

pub fn run(args: &VerifyArgs, out: &mut impl Write) -> Result<(), Failure> {
    let store = args.store.path.display();
    let (progress, bar) = (Progress::new(), show::bytes_bar(1).with_message(store.to_string()));
    let found =
        show::watched(&progress, &bar, || args.store.with(|path, options| options.verify_with(path, &progress)))?;
    if found.is_sound() {
        let (episodes, retrievals) = (counted(found.episodes, "episode"), counted(found.retrievals, "retrieval"));
        writeln!(out, "{store} is sound: checked every byte of {episodes} and {retrievals}")?;
        return Ok(());
    }
    found.damage.iter().try_for_each(|damage| writeln!(out, "{damage}"))?;
    out.flush()?;
    let places = counted(found.damage.len() as u64, "place");
    Err(Failure::failed(format_args!("{store} is damaged in {places}; restore it from a copy")))
}
