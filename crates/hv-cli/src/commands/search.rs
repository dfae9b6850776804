//! `hv search`: for each code of a file, the nearest codes of another.

mod output;
mod states;

use std::collections::HashMap;
use std::io::Write;
use std::sync::mpsc::{channel, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use self::output::Answers;
use self::states::States;
use crate::args::{DeviceArg, Metric, SearchArgs};
use crate::codes::{Block, CodeFile};
use crate::device::Device;
use crate::failure::Failure;
use crate::show::bytes_bar;

pub fn run(args: &SearchArgs, out: &mut impl Write) -> Result<(), Failure> {
    let open = |path| CodeFile::open(path, args.bits, args.bit_order);
    let (mut queries, memory) = (open(&args.queries)?, open(&args.memory)?);
    let bits = bits_of(args, &queries, &memory)?;
    if args.device == DeviceArg::Gpu && args.metric == Metric::Tanimoto {
        return Err(Failure::usage(
            "a GPU finds by --metric hamming alone; leave out --device gpu, or --metric tanimoto",
        ));
    }
    let device = Device::open(args.device)?;
    let named = queries.has_names() || memory.has_names();
    let queries = queries.read_all()?;
    // What is wrong with --out should be found before the search.
    let create =
        |prefix| output::Arrays::check(queries.codes.len(), args.k).and_then(|()| output::Arrays::create(prefix));
    let arrays = args.out.as_deref().map(create).transpose()?;

    let mut states = States::new(&queries.codes, &device, args, bits);
    let mut names = HashMap::new();
    let bar = bytes_bar(args.memory.metadata().map_or(0, |file| file.len()));
    let row_bytes = memory.row_bytes();
    let searched = read_ahead(memory, |block, first| {
        states.extend(&block.codes, first)?;
        if !block.names.is_empty() {
            for index in states.kept().filter(|&index| index >= first) {
                names.entry(index).or_insert_with(|| block.names[index - first].clone());
            }
        }
        bar.inc(block.codes.len() as u64 * row_bytes);
        Ok(())
    });
    bar.finish_and_clear();
    searched?;

    let names = named.then_some((queries.names, names));
    let answers = Answers { found: states.finish(), names };
    match arrays {
        Some(arrays) => arrays.write(&answers, args.k, out),
        None if args.json => answers.write_json(out),
        None => answers.write_tsv(out),
    }
}

/// The bits of a row: those that were asked for, else those that the files have.
fn bits_of(args: &SearchArgs, queries: &CodeFile, memory: &CodeFile) -> Result<u16, Failure> {
    if let Some(bits) = args.bits {
        return Ok(bits);
    }
    match (queries.bits(), memory.bits()) {
        (Some(queries_bits), Some(bits)) if queries_bits != bits => Err(Failure::failed(format_args!(
            "the rows of {} have {queries_bits} bits, but the rows of {} have {bits}; give codes of one length, or fill up \
             the shorter ones with --bits {}",
            queries.path().display(),
            memory.path().display(),
            bits.max(queries_bits)
        ))),
        (bits, other) => Ok(bits.or(other).unwrap_or(hv_memory::HV16::DIM as u16)),
    }
}

/// Calls `each` with every block of a file and the index of its first row, while a thread reads the next blocks.
fn read_ahead(file: CodeFile, mut each: impl FnMut(&Block, usize) -> Result<(), Failure>) -> Result<(), Failure> {
    let file = Mutex::new(file);
    let next = &|mut block| {
        let read = file.lock().unwrap_or_else(PoisonError::into_inner).read_block(&mut block);
        read.map(|()| block)
    };
    thread::scope(|scope| {
        let (sender, blocks) = sync_channel(1);
        let (used_sender, used) = channel();
        let reader = move || {
            loop {
                let block = next(used.try_recv().unwrap_or_default());
                let is_last = block.as_ref().map_or(true, |block| block.codes.is_empty());
                if sender.send(block).is_err() || is_last {
                    return;
                }
            }
        };
        // Where the system gives no thread, the sender is dropped, and this thread reads.
        let _ = thread::Builder::new().spawn_scoped(scope, reader);
        let mut first = 0;
        loop {
            let block = blocks.recv().unwrap_or_else(|_| next(Block::default()))?;
            if block.codes.is_empty() {
                return Ok(());
            }
            each(&block, first)?;
            first += block.codes.len();
            // An error only says that the reader has ended, and needs no more blocks.
            let _ = used_sender.send(block);
        }
    })
}
