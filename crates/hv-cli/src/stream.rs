//! Lines as they come: of standard input, of a pipe, of a terminal. Waiting for the next one can end early.

use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use crate::contents::Format;
use crate::failure::Failure;
use crate::lines::{Line, Lines};

/// At most this many lines are read ahead; each may have 1 MiB.
pub const AHEAD: usize = 64;

/// What came of waiting.
pub enum Next {
    Line(Line),
    /// It is no text.
    Format(Format),
    /// Nothing, as yet.
    Waiting,
    End,
}

/// What is read on a thread of its own, which may wait in the system for as long as it likes.
pub enum Stream {
    Reader(Receiver<Result<Next, Failure>>),
    /// Where the system gives no thread: nothing ends a wait. With the format of what is no text.
    Here(Option<Format>, Box<Lines>),
}

impl Stream {
    /// Opens a stream, on the thread: that may have to wait for the other end.
    pub fn open(path: &Path) -> Result<Self, Failure> {
        let (lines, receiver) = sync_channel(AHEAD);
        let of = path.to_owned();
        let reader = thread::Builder::new().spawn(move || {
            let mut opened = None;
            loop {
                let next = match &mut opened {
                    None => open(&of).map(|(format, lines)| {
                        opened = Some(lines);
                        format.map_or(Next::Waiting, Next::Format)
                    }),
                    Some(lines) => lines.next().map(|line| line.map_or(Next::End, Next::Line)),
                };
                let is_last = matches!(next, Err(_) | Ok(Next::End | Next::Format(_)));
                // Where nobody receives it, the command has ended.
                if lines.send(next).is_err() || is_last {
                    break;
                }
            }
        });
        match reader {
            Ok(_) => Ok(Self::Reader(receiver)),
            Err(_) => open(path).map(|(format, lines)| Self::Here(format, Box::new(lines))),
        }
    }

    /// The next line, if it comes within this time.
    pub fn next(&mut self, wait: Duration) -> Result<Next, Failure> {
        match self {
            Self::Here(Some(format), _) => Ok(Next::Format(*format)),
            Self::Here(None, lines) => Ok(lines.next()?.map_or(Next::End, Next::Line)),
            Self::Reader(receiver) => match receiver.recv_timeout(wait) {
                Ok(next) => next,
                Err(RecvTimeoutError::Timeout) => Ok(Next::Waiting),
                Err(RecvTimeoutError::Disconnected) => Ok(Next::End),
            },
        }
    }
}

fn open(path: &Path) -> Result<(Option<Format>, Lines), Failure> {
    let mut lines = Lines::open(path)?;
    Ok((lines.format()?, lines))
}
