//! One SFTP session over one `ssh` process. Requests of one file are sent ahead, so
//! that a distant server does not cost a round trip for each piece.

use std::collections::VecDeque;
use std::io::{self, BufReader, BufWriter, Write};
use std::process::{ChildStdin, ChildStdout};

use bytes::Bytes;

use super::ssh::Ssh;
use super::wire::{Answer, Facts, OPEN_READ, OPEN_WRITE_NEW, Request, packet, status};
use crate::flow::Flow;

/// Bytes per request: what every server takes (OpenSSH up to 255 KiB).
const PIECE: usize = 32 * 1024;
/// Requests under way for one file: 2 MiB, enough for 100 ms at 160 Mbit/s.
const AHEAD: usize = 64;

/// Why a request failed.
#[derive(Debug)]
pub enum SftpError {
    /// The server answered no.
    Refused {
        /// A number of [`status`].
        code: u32,
        /// Its words.
        message: String,
    },
    /// The connection is no more, or speaks no SFTP.
    Broken(io::Error),
}

impl From<io::Error> for SftpError {
    fn from(error: io::Error) -> Self {
        Self::Broken(error)
    }
}

type SftpResult<T> = Result<T, SftpError>;

/// A connection that is logged in.
#[derive(Debug)]
pub struct Session {
    /// Last, so that the pipes close before it is waited for.
    input: BufWriter<ChildStdin>,
    output: BufReader<ChildStdout>,
    next: u32,
    ssh: Ssh,
}

impl Session {
    /// Greets the server at the other end of `ssh`.
    pub fn greet(mut ssh: Ssh) -> Result<Self, (Ssh, io::Error)> {
        let (Some(input), Some(output)) = ssh.pipes() else {
            return Err((ssh, io::Error::other("no pipes")));
        };
        let mut session = Self {
            input: BufWriter::with_capacity(PIECE * 2, input),
            output: BufReader::with_capacity(PIECE * 2, output),
            next: 0,
            ssh,
        };
        match session.exchange_versions() {
            Ok(()) => Ok(session),
            Err(error) => Err((session.ssh, error)),
        }
    }

    fn exchange_versions(&mut self) -> io::Result<()> {
        // The greeting has its version where requests have their number.
        Request::new(packet::INIT, 3).send(&mut self.input)?;
        self.input.flush()?;
        let answer = Answer::receive(&mut self.output)?;
        if answer.kind != packet::VERSION {
            return Err(io::Error::other("the server speaks no SFTP"));
        }
        Ok(())
    }

    /// What `ssh` said, once it has ended.
    pub fn last_words(self) -> String {
        drop(self.input);
        drop(self.output);
        self.ssh.last_words()
    }

    fn begin(&mut self, kind: u8) -> (u32, Request) {
        self.next = self.next.wrapping_add(1);
        (self.next, Request::new(kind, self.next))
    }

    fn send(&mut self, request: &mut Request) -> SftpResult<()> {
        Ok(request.send(&mut self.input)?)
    }

    /// The answer to the oldest request: servers may answer out of order, but those
    /// that do (none is known to) are told apart by the number.
    fn receive(&mut self, id: u32) -> SftpResult<Answer> {
        self.input.flush()?;
        let mut answer = Answer::receive(&mut self.output)?;
        let number = answer.number()?;
        if number != id {
            let error = format!("answer {number} where {id} was due");
            return Err(io::Error::other(error).into());
        }
        if answer.kind == packet::STATUS {
            let code = answer.number()?;
            if code != status::OK {
                let message = answer.bytes().unwrap_or_default();
                return Err(SftpError::Refused {
                    code,
                    message: String::from_utf8_lossy(&message).into_owned(),
                });
            }
        }
        Ok(answer)
    }

    /// An answer of this kind.
    fn receive_a(&mut self, kind: u8, id: u32) -> SftpResult<Answer> {
        let answer = self.receive(id)?;
        if answer.kind != kind {
            let error = format!("an answer of kind {} where {kind} was due", answer.kind);
            return Err(io::Error::other(error).into());
        }
        Ok(answer)
    }

    fn handle(&mut self, id: u32) -> SftpResult<Vec<u8>> {
        Ok(self.receive_a(packet::HANDLE, id)?.bytes()?)
    }

    fn close(&mut self, handle: &[u8]) -> SftpResult<()> {
        let (id, mut request) = self.begin(packet::CLOSE);
        self.send(request.bytes(handle))?;
        self.receive(id).map(drop)
    }

    /// Facts about a path; `None` if there is nothing.
    pub fn stat(&mut self, path: &str) -> SftpResult<Option<Facts>> {
        let (id, mut request) = self.begin(packet::STAT);
        self.send(request.bytes(path.as_bytes()))?;
        match self.receive_a(packet::ATTRS, id) {
            Ok(mut answer) => Ok(Some(answer.facts()?)),
            Err(SftpError::Refused {
                code: status::NO_SUCH_FILE,
                ..
            }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Makes a folder, or finds it made.
    pub fn make_folder(&mut self, path: &str) -> SftpResult<()> {
        let (id, mut request) = self.begin(packet::MKDIR);
        self.send(request.bytes(path.as_bytes()).number(0))?;
        match self.receive(id) {
            Ok(_) => Ok(()),
            Err(error @ SftpError::Refused { .. }) => match self.stat(path)? {
                Some(facts) if facts.is_folder => Ok(()),
                _ => Err(error),
            },
            Err(error) => Err(error),
        }
    }

    /// What a folder holds. One that does not exist is empty.
    pub fn list(&mut self, path: &str) -> SftpResult<Vec<(String, Facts)>> {
        let (id, mut request) = self.begin(packet::OPENDIR);
        self.send(request.bytes(path.as_bytes()))?;
        let handle = match self.handle(id) {
            Err(SftpError::Refused {
                code: status::NO_SUCH_FILE,
                ..
            }) => return Ok(Vec::new()),
            handle => handle?,
        };
        let mut found = Vec::new();
        let outcome = loop {
            let (id, mut request) = self.begin(packet::READDIR);
            self.send(request.bytes(&handle))?;
            match self.receive_a(packet::NAME, id) {
                Ok(mut answer) => {
                    for _ in 0..answer.number()? {
                        let name = answer.bytes()?;
                        answer.bytes()?;
                        let facts = answer.facts()?;
                        if let Ok(name) = String::from_utf8(name)
                            && name != "."
                            && name != ".."
                        {
                            found.push((name, facts));
                        }
                    }
                }
                Err(SftpError::Refused {
                    code: status::EOF, ..
                }) => break Ok(found),
                Err(error) => break Err(error),
            }
        };
        self.close(&handle)?;
        outcome
    }

    /// Reads `length` bytes from `offset`, or the whole file.
    pub fn read(&mut self, path: &str, range: Option<(u64, u64)>) -> SftpResult<Vec<u8>> {
        let (offset, length) = match range {
            Some(range) => range,
            None => match self.stat(path)? {
                Some(facts) => (0, facts.size),
                None => return Err(missing(path)),
            },
        };
        let (id, mut request) = self.begin(packet::OPEN);
        self.send(request.bytes(path.as_bytes()).number(OPEN_READ).number(0))?;
        let handle = self.handle(id)?;
        let outcome = self.read_pieces(&handle, offset, length);
        if matches!(outcome, Err(SftpError::Broken(_))) {
            return outcome;
        }
        self.close(&handle)?;
        outcome
    }

    fn read_pieces(&mut self, handle: &[u8], offset: u64, length: u64) -> SftpResult<Vec<u8>> {
        let length = usize::try_from(length).map_err(io::Error::other)?;
        let mut content = vec![0; length];
        // Where each piece goes. A server may answer with less than was asked for:
        // the rest of the piece is asked for again.
        let mut wanted: VecDeque<(usize, usize)> = (0..length)
            .step_by(PIECE)
            .map(|start| (start, (start + PIECE).min(length)))
            .collect();
        let mut under_way = VecDeque::new();
        let mut refused = None;
        while !under_way.is_empty() || (!wanted.is_empty() && refused.is_none()) {
            while refused.is_none()
                && under_way.len() < AHEAD
                && let Some((start, end)) = wanted.pop_front()
            {
                let (id, mut request) = self.begin(packet::READ);
                request.bytes(handle).long(offset + start as u64);
                let size = u32::try_from(end - start).map_err(io::Error::other)?;
                self.send(request.number(size))?;
                under_way.push_back((id, start, end));
            }
            let Some((id, start, end)) = under_way.pop_front() else {
                break;
            };
            match self.receive_a(packet::DATA, id) {
                Ok(mut answer) => {
                    let piece = answer.bytes()?;
                    if piece.is_empty() || piece.len() > end - start {
                        return Err(io::Error::other("a piece of the wrong size").into());
                    }
                    content[start..start + piece.len()].copy_from_slice(&piece);
                    if piece.len() < end - start {
                        wanted.push_front((start + piece.len(), end));
                    }
                }
                // The answers to what is under way must be read before the session
                // can be used again.
                Err(error @ SftpError::Refused { .. }) => refused = Some(error),
                Err(error) => return Err(error),
            }
        }
        refused.map_or(Ok(content), Err)
    }

    /// Writes a file as a whole, under this name.
    pub fn write(&mut self, path: &str, content: &[Bytes], flow: &Flow) -> SftpResult<()> {
        let (id, mut request) = self.begin(packet::OPEN);
        request.bytes(path.as_bytes()).number(OPEN_WRITE_NEW);
        self.send(request.number(0))?;
        let handle = self.handle(id)?;
        let mut under_way = VecDeque::new();
        let mut offset = 0_u64;
        let mut refused = None;
        for piece in content.iter().flat_map(|part| part.chunks(PIECE)) {
            flow.wait_to_send(piece.len());
            let (id, mut request) = self.begin(packet::WRITE);
            self.send(request.bytes(&handle).long(offset).bytes(piece))?;
            offset += piece.len() as u64;
            under_way.push_back(id);
            if under_way.len() >= AHEAD
                && let Some(id) = under_way.pop_front()
                && let Err(error) = self.receive(id)
            {
                refused = Some(refusal(error)?);
                break;
            }
        }
        for id in under_way {
            if let Err(error) = self.receive(id) {
                refused.get_or_insert(refusal(error)?);
            }
        }
        // On the server's disk, where the server knows how.
        if refused.is_none() {
            match self.extended(b"fsync@openssh.com", &[&handle]) {
                Err(SftpError::Refused {
                    code: status::OP_UNSUPPORTED,
                    ..
                })
                | Ok(()) => {}
                Err(error) => refused = Some(refusal(error)?),
            }
        }
        self.close(&handle)?;
        refused.map_or(Ok(()), Err)
    }

    fn extended(&mut self, name: &[u8], fields: &[&[u8]]) -> SftpResult<()> {
        let (id, mut request) = self.begin(packet::EXTENDED);
        request.bytes(name);
        for field in fields {
            request.bytes(field);
        }
        self.send(&mut request)?;
        self.receive(id).map(drop)
    }

    /// Renames, over a file that may be there.
    pub fn rename(&mut self, from: &str, to: &str) -> SftpResult<()> {
        let fields: [&[u8]; 2] = [from.as_bytes(), to.as_bytes()];
        match self.extended(b"posix-rename@openssh.com", &fields) {
            Err(SftpError::Refused {
                code: status::OP_UNSUPPORTED,
                ..
            }) => {
                self.remove(to)?;
                let (id, mut request) = self.begin(packet::RENAME);
                self.send(request.bytes(fields[0]).bytes(fields[1]))?;
                self.receive(id).map(drop)
            }
            outcome => outcome,
        }
    }

    /// Removes a file. One that is not there is removed.
    pub fn remove(&mut self, path: &str) -> SftpResult<()> {
        let (id, mut request) = self.begin(packet::REMOVE);
        self.send(request.bytes(path.as_bytes()))?;
        match self.receive(id) {
            Err(SftpError::Refused {
                code: status::NO_SUCH_FILE,
                ..
            }) => Ok(()),
            outcome => outcome.map(drop),
        }
    }

    /// Bytes that are free for the account, where the server knows how to tell.
    pub fn free(&mut self, path: &str) -> SftpResult<Option<u64>> {
        let (id, mut request) = self.begin(packet::EXTENDED);
        request.bytes(b"statvfs@openssh.com").bytes(path.as_bytes());
        self.send(&mut request)?;
        match self.receive(id) {
            Ok(mut answer) if answer.kind == packet::EXTENDED_REPLY => {
                let (_block, fragment) = (answer.long()?, answer.long()?);
                let (_blocks, _free, available) = (answer.long()?, answer.long()?, answer.long()?);
                Ok(Some(fragment.saturating_mul(available)))
            }
            Ok(_) | Err(SftpError::Refused { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn missing(path: &str) -> SftpError {
    SftpError::Refused {
        code: status::NO_SUCH_FILE,
        message: path.into(),
    }
}

/// An error that leaves the session usable, else the error.
fn refusal(error: SftpError) -> SftpResult<SftpError> {
    match error {
        SftpError::Refused { .. } => Ok(error),
        SftpError::Broken(_) => Err(error),
    }
}
