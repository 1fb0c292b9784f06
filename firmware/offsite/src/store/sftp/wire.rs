//! SFTP version 3, the one that every server speaks
//! (draft-ietf-secsh-filexfer-02): packets of a length, a type, a number and fields.
//! Only what a repository needs.

use std::io::{self, Read, Write};

/// Packet types.
pub mod packet {
    /// Client's greeting.
    pub const INIT: u8 = 1;
    /// Server's greeting.
    pub const VERSION: u8 = 2;
    /// Open a file.
    pub const OPEN: u8 = 3;
    /// Close a file or folder.
    pub const CLOSE: u8 = 4;
    /// Read a piece.
    pub const READ: u8 = 5;
    /// Write a piece.
    pub const WRITE: u8 = 6;
    /// Open a folder.
    pub const OPENDIR: u8 = 11;
    /// Read names of a folder.
    pub const READDIR: u8 = 12;
    /// Remove a file.
    pub const REMOVE: u8 = 13;
    /// Make a folder.
    pub const MKDIR: u8 = 14;
    /// Facts about a path.
    pub const STAT: u8 = 17;
    /// Rename; fails where the new name exists.
    pub const RENAME: u8 = 18;
    /// The outcome of a request.
    pub const STATUS: u8 = 101;
    /// An open file or folder.
    pub const HANDLE: u8 = 102;
    /// A piece that was read.
    pub const DATA: u8 = 103;
    /// Names of a folder.
    pub const NAME: u8 = 104;
    /// Facts about a path.
    pub const ATTRS: u8 = 105;
    /// A request that the standard does not know.
    pub const EXTENDED: u8 = 200;
    /// The answer to one.
    pub const EXTENDED_REPLY: u8 = 201;
}

/// Outcomes.
pub mod status {
    /// Done.
    pub const OK: u32 = 0;
    /// The end of the file or folder.
    pub const EOF: u32 = 1;
    /// It does not exist.
    pub const NO_SUCH_FILE: u32 = 2;
    /// No right to.
    pub const PERMISSION_DENIED: u32 = 3;
    /// Anything else: OpenSSH answers so when the disk is full.
    pub const FAILURE: u32 = 4;
    /// The server does not know the request.
    pub const OP_UNSUPPORTED: u32 = 8;
}

/// Open for reading.
pub const OPEN_READ: u32 = 1;
/// Open for writing, made if missing, emptied if not.
pub const OPEN_WRITE_NEW: u32 = 0x02 | 0x08 | 0x10;

/// The largest packet that is believed; OpenSSH sends no more than 256 KiB.
const PACKET_MAX: u32 = 1024 * 1024;

const ATTR_SIZE: u32 = 1;
const ATTR_OWNER: u32 = 2;
const ATTR_MODE: u32 = 4;
const ATTR_TIMES: u32 = 8;
const ATTR_EXTENDED: u32 = 0x8000_0000;
/// The kind of file, in a mode.
const MODE_KIND: u32 = 0o170_000;
const MODE_FOLDER: u32 = 0o040_000;

/// A request under construction.
#[derive(Debug)]
pub struct Request(Vec<u8>);

impl Request {
    /// Begins one.
    pub fn new(kind: u8, id: u32) -> Self {
        let mut request = Self(vec![0, 0, 0, 0, kind]);
        request.number(id);
        request
    }

    /// Adds a number of 32 bits.
    pub fn number(&mut self, value: u32) -> &mut Self {
        self.0.extend(value.to_be_bytes());
        self
    }

    /// Adds a number of 64 bits.
    pub fn long(&mut self, value: u64) -> &mut Self {
        self.0.extend(value.to_be_bytes());
        self
    }

    /// Adds a text or bytes.
    pub fn bytes(&mut self, value: &[u8]) -> &mut Self {
        // A piece is 32 KiB, a path at most 4 KiB.
        self.number(u32::try_from(value.len()).unwrap_or(u32::MAX));
        self.0.extend(value);
        self
    }

    /// Sends it.
    pub fn send(&mut self, to: &mut impl Write) -> io::Result<()> {
        let length = u32::try_from(self.0.len() - 4).map_err(io::Error::other)?;
        self.0[..4].copy_from_slice(&length.to_be_bytes());
        to.write_all(&self.0)
    }
}

/// An answer, read field by field.
#[derive(Debug)]
pub struct Answer {
    /// Its type.
    pub kind: u8,
    content: Vec<u8>,
    at: usize,
}

impl Answer {
    /// Waits for one.
    pub fn receive(from: &mut impl Read) -> io::Result<Self> {
        let mut length = [0; 4];
        from.read_exact(&mut length)?;
        let length = u32::from_be_bytes(length);
        if length == 0 || length > PACKET_MAX {
            return Err(io::Error::other(format!("a packet of {length} bytes")));
        }
        let mut content = vec![0; length as usize];
        from.read_exact(&mut content)?;
        Ok(Self {
            kind: content[0],
            content,
            at: 1,
        })
    }

    fn take(&mut self, length: usize) -> io::Result<&[u8]> {
        let end = self.at.saturating_add(length);
        let field = self
            .content
            .get(self.at..end)
            .ok_or_else(|| io::Error::other("a packet that ends too early"))?;
        self.at = end;
        Ok(field)
    }

    /// The next 32 bits.
    pub fn number(&mut self) -> io::Result<u32> {
        let field = self.take(4)?;
        Ok(u32::from_be_bytes([field[0], field[1], field[2], field[3]]))
    }

    /// The next 64 bits.
    pub fn long(&mut self) -> io::Result<u64> {
        Ok(u64::from(self.number()?) << 32 | u64::from(self.number()?))
    }

    /// The next text or bytes.
    pub fn bytes(&mut self) -> io::Result<Vec<u8>> {
        let length = self.number()? as usize;
        Ok(self.take(length)?.to_vec())
    }

    /// Facts about a file.
    pub fn facts(&mut self) -> io::Result<Facts> {
        let flags = self.number()?;
        let mut facts = Facts::default();
        if flags & ATTR_SIZE != 0 {
            facts.size = self.long()?;
        }
        if flags & ATTR_OWNER != 0 {
            self.take(8)?;
        }
        if flags & ATTR_MODE != 0 {
            facts.is_folder = self.number()? & MODE_KIND == MODE_FOLDER;
        }
        if flags & ATTR_TIMES != 0 {
            self.take(8)?;
        }
        if flags & ATTR_EXTENDED != 0 {
            for _ in 0..self.number()? {
                self.bytes()?;
                self.bytes()?;
            }
        }
        Ok(facts)
    }
}

/// What is known of a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Facts {
    /// Bytes.
    pub size: u64,
    /// Whether it is a folder.
    pub is_folder: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_has_its_length_in_front() {
        let mut sent = Vec::new();
        Request::new(packet::MKDIR, 7)
            .bytes(b"ab")
            .number(0)
            .send(&mut sent)
            .unwrap();
        assert_eq!(
            sent,
            [
                0, 0, 0, 15, 14, 0, 0, 0, 7, 0, 0, 0, 2, b'a', b'b', 0, 0, 0, 0
            ]
        );
    }

    #[test]
    fn facts_are_read_whatever_the_server_adds() {
        let mut packet = vec![packet::ATTRS, 0, 0, 0, 1];
        packet.extend((ATTR_SIZE | ATTR_OWNER | ATTR_MODE | ATTR_TIMES).to_be_bytes());
        packet.extend(300_u64.to_be_bytes());
        packet.extend([0; 8]);
        packet.extend(0o040_755_u32.to_be_bytes());
        packet.extend([0; 8]);
        let mut stream = (packet.len() as u32).to_be_bytes().to_vec();
        stream.extend(packet);
        let mut answer = Answer::receive(&mut stream.as_slice()).unwrap();
        assert_eq!((answer.kind, answer.number().unwrap()), (packet::ATTRS, 1));
        assert_eq!(
            answer.facts().unwrap(),
            Facts {
                size: 300,
                is_folder: true
            }
        );
    }

    #[test]
    fn a_packet_that_lies_about_its_length_is_refused() {
        let huge = [0xff, 0xff, 0xff, 0xff, 1];
        assert!(Answer::receive(&mut huge.as_slice()).is_err());
        let short = [0, 0, 0, 6, packet::DATA, 0, 0, 0, 1, 0];
        let mut answer = Answer::receive(&mut short.as_slice()).unwrap();
        answer.number().unwrap();
        assert!(answer.bytes().is_err());
    }
}
