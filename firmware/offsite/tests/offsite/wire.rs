//! A wire between the worker and a real server that does what wires and servers do to
//! people: it is slow, it drops, it lies. For HTTP it knows requests; what is encrypted
//! (SSH) it carries as it is.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    Nothing,
    /// A twentieth of a second for each request, and [`SLOW`] bytes a second.
    Slow,
    /// Every third request is lost: before it arrives, with its answer, in the middle of
    /// the answer, in turn. What cannot be told apart is cut every third connection.
    DropsEveryThird,
    /// Files of this kind are answered with one bit wrong.
    Lies(&'static str),
}

/// Bytes a second of a slow wire: what the tests send takes seconds, and progress is told
/// each second.
const SLOW: usize = 1 << 18;
const LATENCY: Duration = Duration::from_millis(50);
/// Bytes that every third connection carries, and the others: no wire is good for ever.
const CUT_AFTER: u64 = 100_000;
const OTHERS_AFTER: u64 = 6_000_000;

pub struct Wire {
    pub port: u16,
    state: Arc<State>,
}

struct State {
    server: u16,
    trouble: Mutex<Trouble>,
    /// Requests, or connections, so far.
    count: AtomicU64,
    struck: AtomicU64,
    /// Both ends of what is carried at the moment, for whoever cuts it.
    open: Mutex<Vec<TcpStream>>,
}

impl Wire {
    /// To a server that speaks HTTP.
    pub fn http(server: u16) -> Self {
        Self::start(server, carry_request)
    }

    /// To any server.
    pub fn raw(server: u16) -> Self {
        Self::start(server, carry_bytes)
    }

    fn start(server: u16, carry: fn(TcpStream, &State) -> io::Result<()>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(State {
            server,
            trouble: Mutex::new(Trouble::Nothing),
            count: AtomicU64::new(0),
            struck: AtomicU64::new(0),
            open: Mutex::default(),
        });
        let shared = state.clone();
        // Ends with the process: it waits for connections, which is no work.
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let (client, state) = (client.unwrap(), shared.clone());
                std::thread::spawn(move || {
                    // Either end may leave: that is what is tried here.
                    let _ = carry(client, &state);
                });
            }
        });
        Self { port, state }
    }

    pub fn set(&self, trouble: Trouble) {
        *self.state.trouble.lock().unwrap() = trouble;
    }

    /// Cuts every connection that is open. Says whether there was one.
    pub fn cut(&self) -> bool {
        let mut open = self.state.open.lock().unwrap();
        let live = open
            .drain(..)
            .filter(|end| end.shutdown(Shutdown::Both).is_ok());
        live.count() > 0
    }

    /// How often the trouble was felt since this was last asked.
    pub fn struck(&self) -> u64 {
        self.state.struck.swap(0, Ordering::Relaxed)
    }
}

impl State {
    fn trouble(&self) -> Trouble {
        *self.trouble.lock().unwrap()
    }

    fn strike(&self) {
        self.struck.fetch_add(1, Ordering::Relaxed);
    }
}

/// A request's or answer's head, with the empty line.
fn read_head(from: &mut impl BufRead) -> io::Result<String> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if from.read_line(&mut head)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(head)
}

fn length_in(head: &str) -> usize {
    head.lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map_or(0, |(_, value)| value.trim().parse().unwrap())
}

/// One request a connection: both ends are told that it closes after it.
fn closing(head: &str) -> String {
    let (first, rest) = head.split_once("\r\n").unwrap();
    format!("{first}\r\nconnection: close\r\n{rest}")
}

fn carry_request(mut client: TcpStream, state: &State) -> io::Result<()> {
    let trouble = state.trouble();
    let mut from = BufReader::new(client.try_clone()?);
    let head = read_head(&mut from)?;
    let number = state.count.fetch_add(1, Ordering::Relaxed);
    let dropped =
        (trouble == Trouble::DropsEveryThird && number % 3 == 2).then_some(number / 3 % 3);
    let mut body = vec![0; length_in(&head)];
    read_slowly(&mut from, &mut body, trouble)?;
    if dropped.is_some() {
        state.strike();
    }
    if dropped == Some(0) {
        return Ok(());
    }
    let mut server = TcpStream::connect(("127.0.0.1", state.server))?;
    server.write_all(closing(&head).as_bytes())?;
    // A server that refuses a file by its name answers before it has read all of it, and
    // closes: what cannot be sent then is of no use, and the answer is there to be read.
    let sent = server.write_all(&body);
    let mut answer = BufReader::new(server);
    let mut answer_head = closing(&read_head(&mut answer)?);
    let mut content = Vec::new();
    let length = length_in(&answer_head) as u64;
    match sent {
        Ok(()) => answer.read_to_end(&mut content)?,
        // The end of such an answer is no end of the connection, but its reset.
        Err(_) => answer.take(length).read_to_end(&mut content)?,
    };
    if let Trouble::Lies(kind) = trouble
        && is_file(&head, kind)
        && answer_head.starts_with("HTTP/1.1 20")
        && length_in(&answer_head) == content.len()
        && !content.is_empty()
    {
        state.strike();
        let middle = content.len() / 2;
        content[middle] ^= 1;
    }
    match dropped {
        Some(1) => return Ok(()),
        Some(_) if content.is_empty() => answer_head.truncate(10),
        Some(_) => content.truncate(content.len() / 2),
        None => {}
    }
    client.write_all(answer_head.as_bytes())?;
    write_slowly(&mut client, &content, state, trouble)
}

/// Whether a file of the kind is asked for, and not a list of such.
fn is_file(head: &str, kind: &str) -> bool {
    let mut words = head.split(' ');
    let (method, path) = (words.next(), words.next().unwrap_or_default());
    let mut parts = path.rsplit('/');
    let name = parts.next().unwrap_or_default();
    let hash = name.len() == 64 && name.bytes().all(|letter| letter.is_ascii_hexdigit());
    method == Some("GET")
        && match kind {
            "config" => name == "config",
            kind => hash && parts.take(2).any(|part| part == kind),
        }
}

const PIECE: usize = 16 * 1024;

fn pause(trouble: Trouble, time: Duration) {
    if trouble == Trouble::Slow {
        std::thread::park_timeout(time);
    }
}

fn time_of(piece: &[u8]) -> Duration {
    Duration::from_secs_f64(piece.len() as f64 / SLOW as f64)
}

fn read_slowly(from: &mut impl Read, body: &mut [u8], trouble: Trouble) -> io::Result<()> {
    for piece in body.chunks_mut(PIECE) {
        from.read_exact(piece)?;
        pause(trouble, time_of(piece));
    }
    Ok(())
}

fn write_slowly(
    to: &mut TcpStream,
    content: &[u8],
    state: &State,
    trouble: Trouble,
) -> io::Result<()> {
    if trouble == Trouble::Slow {
        state.strike();
    }
    pause(trouble, LATENCY);
    for piece in content.chunks(PIECE) {
        to.write_all(piece)?;
        pause(trouble, time_of(piece));
    }
    Ok(())
}

fn carry_bytes(client: TcpStream, state: &State) -> io::Result<()> {
    let trouble = state.trouble();
    let number = state.count.fetch_add(1, Ordering::Relaxed);
    let left = match trouble {
        Trouble::DropsEveryThird if number.is_multiple_of(3) => CUT_AFTER,
        Trouble::DropsEveryThird => OTHERS_AFTER,
        _ => u64::MAX,
    };
    let left = AtomicU64::new(left);
    let server = TcpStream::connect(("127.0.0.1", state.server))?;
    let ends = [client.try_clone()?, server.try_clone()?];
    state.open.lock().unwrap().extend(ends);
    std::thread::scope(|scope| {
        for (from, to) in [(&client, &server), (&server, &client)] {
            scope.spawn(|| {
                let _ = pass_on(from, to, &left, state, trouble);
                // One way is over, and with it the connection.
                let _ = from.shutdown(Shutdown::Both);
                let _ = to.shutdown(Shutdown::Both);
            });
        }
    });
    Ok(())
}

fn pass_on(
    mut from: &TcpStream,
    mut to: &TcpStream,
    left: &AtomicU64,
    state: &State,
    trouble: Trouble,
) -> io::Result<()> {
    let mut piece = [0; PIECE];
    loop {
        let length = from.read(&mut piece)?;
        if length == 0 {
            return Ok(());
        }
        let before = left.load(Ordering::Relaxed);
        if before < length as u64 {
            state.strike();
            return Ok(());
        }
        left.store(before - length as u64, Ordering::Relaxed);
        if trouble == Trouble::Slow {
            state.strike();
        }
        pause(trouble, time_of(&piece[..length]));
        to.write_all(&piece[..length])?;
    }
}
