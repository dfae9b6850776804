//! `hv repair`: what is sound of a damaged store in a new one.

use std::fs;
use std::io::Write;

use hv_encode::WordCounts;
use hv_memory::{Changes, Episode, HV16, Lost, MemoryError, Progress, Salvage};

use crate::args::RepairArgs;
use crate::escape::on_one_line;
use crate::failure::Failure;
use crate::names::{shown, shown_path};
use crate::numbers::counted;
use crate::record::{Encoder, Note, Record, TextToVector};
use crate::show::{bytes_bar, episodes_bar, watched};
use crate::vocabulary;

/// Episodes whose texts are looked at where the encoder has to be found out.
const TRIED: usize = 64;

pub fn run(args: &RepairArgs, out: &mut impl Write) -> Result<(), Failure> {
    let (store, new) = (shown_path(&args.store.path), shown_path(&args.new));
    // Before a large store is read.
    if fs::symlink_metadata(&args.new).is_ok() {
        return Err(Failure::failed(format_args!("{new} is there already; give the name of a new folder")));
    }
    let (progress, bar) = (Progress::new(), bytes_bar(1).with_message(store.clone()));
    let read = || args.store.with(|path, options| options.salvage(path, &progress));
    let mut salvage = match watched(&progress, &bar, read) {
        Err(MemoryError::Damaged { path, what }) => {
            return Err(Failure::failed(format_args!("{} is damaged: {what}", path.display())));
        }
        read => read?,
    };
    let note = note(&salvage, args)?;
    let encoder = note.as_ref().map(|note| note.encoder.make()).transpose().map_err(|why| refused(args, &why))?;
    let encoded = if args.encode { salvage.episodes().size_hint().0 } else { salvage.without_vector() };
    let before = salvage.lost().len();
    salvage.encode(args.encode, |episodes| vectors(encoder.as_ref(), episodes))?;
    let encoded = encoded - (salvage.lost().len() - before);

    salvage.damage().iter().try_for_each(|damage| writeln!(out, "damaged: {damage}"))?;
    salvage.lost().iter().try_for_each(|lost| writeln!(out, "lost: {}", described(lost)))?;
    let nothing_left = salvage.episodes().next().is_none();
    if nothing_left && !(salvage.damage().is_empty() && salvage.lost().is_empty()) {
        out.flush()?;
        return Err(Failure::failed(format_args!(
            "nothing of {store} can be saved: no episode is sound; made no {new}"
        )));
    }
    let metadata = match &note {
        Some(note) => note.to_bytes()?,
        None => salvage.metadata().unwrap_or_default().to_vec(),
    };
    let changes = match &encoder {
        Some(TextToVector::Folded(_)) => word_counts(&salvage)?,
        _ => Changes::new(),
    };
    let (progress, bar) = (Progress::new(), episodes_bar(new.clone()));
    let memory = watched(&progress, &bar, || salvage.write(&args.new, &metadata, &changes, &progress))?;
    let mut outcome = format!("saved {} of {store} in {new}", counted(memory.len() as u64, "episode"));
    if encoded > 0 {
        outcome += &format!("; encoded {} again", counted(encoded as u64, "episode"));
    }
    if !salvage.lost().is_empty() {
        outcome += &format!("; lost {}", counted(salvage.lost().len() as u64, "episode"));
    }
    Ok(writeln!(out, "{outcome}")?)
}

/// What the metadata of the new store say of its encoder; `None` for a store of another program, which is saved as it is.
fn note(salvage: &Salvage, args: &RepairArgs) -> Result<Option<Note>, Failure> {
    let Some(metadata) = salvage.metadata() else {
        // The note is lost, and with it what encoded the lines.
        let usual = Encoder::folded_ngrams(hv_encode::NgramEncoder::DEFAULT_N, 0);
        return match args.encode || has_encoded(salvage, &usual) {
            true => Ok(Some(Note::new(usual))),
            false => Err(refused(args, "the name of its encoder is lost; with --encode every line is encoded again")),
        };
    };
    match Note::from_bytes(metadata) {
        Some(mut note) if args.encode => {
            note.encoder = Encoder::folded_ngrams(note.encoder.n(), note.encoder.seed());
            Ok(Some(note))
        }
        None if args.encode && !metadata.is_empty() => {
            Err(refused(args, "its metadata name no encoder, so it was not made by hv index; leave out --encode"))
        }
        note => Ok(note),
    }
}

/// Whether an encoder has made the vectors of a store: two texts have one vector only by the same encoder.
fn has_encoded(salvage: &Salvage, encoder: &Encoder) -> bool {
    let Ok(encoder) = encoder.make() else { return false };
    let is_of_it = |episode: &Episode| {
        let record = Record::from_bytes(episode.id, &episode.payload).ok();
        record.is_some_and(|record| encoder.encode_batch(&[record.text]) == [Ok(episode.content)])
    };
    salvage.episodes().flatten().take(TRIED).any(|episode| is_of_it(&episode))
}

/// The vector of each episode from its text. What has no text, of another program, keeps its own if that is sound.
fn vectors(encoder: Option<&TextToVector>, episodes: &[Episode]) -> Vec<Option<HV16>> {
    let text = |episode: &Episode| Record::from_bytes(episode.id, &episode.payload).map(|record| record.text).ok();
    let texts: Vec<Option<String>> = episodes.iter().map(text).collect();
    let known: Vec<&String> = texts.iter().flatten().collect();
    let mut encoded = encoder.map_or(Vec::new(), |encoder| encoder.encode_batch(&known)).into_iter();
    let mut of_text = |text: &Option<String>| text.as_ref().and_then(|_| encoded.next()?.ok());
    let old = |episode: &Episode| (episode.content != HV16::ZERO).then_some(episode.content);
    episodes.iter().zip(&texts).map(|(episode, text)| of_text(text).or_else(|| old(episode))).collect()
}

/// The counts of the words of all lines that are left.
fn word_counts(salvage: &Salvage) -> Result<Changes, Failure> {
    let (mut words, mut lines) = (WordCounts::default(), 0);
    for episode in salvage.episodes() {
        let episode = episode?;
        lines += 1;
        if let Ok(record) = Record::from_bytes(episode.id, &episode.payload) {
            words.add(&record.text);
        }
    }
    Ok(vocabulary::counted(&words, lines))
}

/// A lost episode on a line: id, source and line where they are known, what is lost, and the text if it can be read.
fn described(lost: &Lost) -> String {
    // What is there now may be what was written but for a bit, and so is worth a look.
    let record = Record::from_bytes(lost.id, &lost.payload);
    let from = match (&record, &lost.source) {
        (Ok(record), _) => format!("  {}:{}", record.source, record.line),
        (Err(_), Some(source)) => format!("  {}", shown(source)),
        (Err(_), None) => String::new(),
    };
    let text = record.map_or(String::new(), |record| format!("; its text reads now: {}", record.text));
    on_one_line(&format!("#{}{from}  {}{text}", lost.id, lost.what))
}

fn refused(args: &RepairArgs, why: &str) -> Failure {
    Failure::failed(format_args!("cannot repair {}: {why}", shown_path(&args.store.path)))
}
