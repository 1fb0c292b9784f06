//! Running other programs: an argument list, a time limit, and an error that
//! shows the end of what the program said. Output is captured unless the
//! program is one whose progress a person wants to see ([`Tool::show`]).

use std::ffi::{OsStr, OsString};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use rustix::process::{Pid, Signal, kill_process};

/// No single step of a build takes longer, even on a small machine.
const LONGEST_STEP: Duration = Duration::from_secs(30 * 60);

/// How much of a failed program's output is shown.
const SHOWN_LINES: usize = 30;

/// One program about to run.
pub struct Tool {
    command: Command,
    limit: Duration,
    log: Option<PathBuf>,
}

impl Tool {
    /// Names the program, found on PATH or by its path.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place of xtask that starts programs"
    )]
    pub fn new(program: impl AsRef<OsStr>) -> Self {
        let mut command = Command::new(program);
        command.stdin(Stdio::null());
        Self {
            command,
            limit: LONGEST_STEP,
            log: None,
        }
    }

    /// Adds one argument.
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    /// Adds arguments.
    pub fn args(mut self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        self.command.args(arguments);
        self
    }

    /// Sets a variable of the environment.
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Runs the program in `folder`.
    pub fn dir(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Kills the program after `limit` instead of half an hour.
    pub fn within(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Keeps the whole output in `file`, which a failure then names.
    pub fn log(mut self, file: PathBuf) -> Self {
        self.log = Some(file);
        self
    }

    /// Reads the program's input from `file`.
    pub fn input(mut self, file: std::fs::File) -> Self {
        self.command.stdin(file);
        self
    }

    /// Runs the program; its output is only seen if it fails.
    pub fn run(self) -> Result<()> {
        self.read().map(drop)
    }

    /// Runs the program and returns what it wrote to standard output.
    pub fn read(self) -> Result<String> {
        let bytes = self.read_bytes()?;
        String::from_utf8(bytes).context("reading a program's output as UTF-8")
    }

    /// Like [`Tool::read`], for output that is no text.
    pub fn read_bytes(mut self) -> Result<Vec<u8>> {
        self.command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let shown = self.shown();
        let outcome = self.finish()?;
        if let Some(log) = &self.log {
            crate::files::write(
                log,
                [outcome.output.as_slice(), &outcome.complaints].concat(),
            )?;
        }
        if !outcome.status.success() {
            let end = last_lines(&outcome.output, &outcome.complaints);
            let whole = self.log.map_or(String::new(), |log| {
                format!("\n(the whole output is in {})", log.display())
            });
            bail!("{shown} ended with {}\n{end}{whole}", outcome.status);
        }
        Ok(outcome.output)
    }

    /// Runs the program with its output on the terminal.
    pub fn show(mut self) -> Result<()> {
        let shown = self.shown();
        let outcome = self.finish()?;
        if !outcome.status.success() {
            bail!("{shown} ended with {}", outcome.status);
        }
        Ok(())
    }

    /// Runs the program with its output on the terminal, and returns how it ended
    /// and what it wrote to standard output.
    pub fn tee(mut self) -> Result<(ExitStatus, String)> {
        self.command.stdout(Stdio::piped());
        let shown = self.shown();
        let mut child = self
            .command
            .spawn()
            .with_context(|| format!("starting {shown}"))?;
        let mut text = String::new();
        if let Some(output) = child.stdout.take() {
            for line in BufReader::new(output).lines() {
                let line = line.with_context(|| format!("reading the output of {shown}"))?;
                println!("{line}");
                text.push_str(&line);
                text.push('\n');
            }
        }
        let status = child
            .wait()
            .with_context(|| format!("waiting for {shown}"))?;
        Ok((status, text))
    }

    /// Becomes the program; returns only if that failed.
    pub fn exec(mut self) -> anyhow::Error {
        use std::os::unix::process::CommandExt;
        self.command.stdin(Stdio::inherit());
        let shown = self.shown();
        anyhow!(self.command.exec()).context(format!("starting {shown}"))
    }

    /// Gives the program an environment of `variables` alone.
    pub fn only_env(mut self, variables: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        self.command.env_clear().envs(variables);
        self
    }

    fn shown(&self) -> String {
        let program = Path::new(self.command.get_program());
        let name = program
            .file_name()
            .unwrap_or(program.as_os_str())
            .to_string_lossy();
        // The first arguments say which call of, say, cargo it was.
        let arguments: Vec<_> = self
            .command
            .get_args()
            .take(4)
            .map(|argument| argument.to_string_lossy())
            .collect();
        format!("`{name} {}`", arguments.join(" "))
    }

    fn finish(&mut self) -> Result<Outcome> {
        let shown = self.shown();
        let mut child = self
            .command
            .spawn()
            .with_context(|| format!("starting {shown}"))?;
        let pid = Pid::from_child(&child);
        let output = child.stdout.take().map(gather);
        let complaints = child.stderr.take().map(gather);
        let (done, ended) = mpsc::channel();
        thread::spawn(move || done.send(child.wait()));
        let status = match ended.recv_timeout(self.limit) {
            Ok(status) => status.with_context(|| format!("waiting for {shown}"))?,
            Err(_) => {
                kill_process(pid, Signal::KILL)
                    .with_context(|| format!("stopping {shown}, which took too long"))?;
                bail!("{shown} was stopped after {} s", self.limit.as_secs());
            }
        };
        Ok(Outcome {
            status,
            output: collect(output)?,
            complaints: collect(complaints)?,
        })
    }
}

struct Outcome {
    status: ExitStatus,
    output: Vec<u8>,
    complaints: Vec<u8>,
}

type Gathering = thread::JoinHandle<std::io::Result<Vec<u8>>>;

fn gather(mut stream: impl Read + Send + 'static) -> Gathering {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).map(|_| bytes)
    })
}

fn collect(stream: Option<Gathering>) -> Result<Vec<u8>> {
    match stream {
        None => Ok(Vec::new()),
        Some(stream) => stream
            .join()
            .map_err(|_| anyhow!("the reader of a program's output panicked"))?
            .context("reading a program's output"),
    }
}

fn last_lines(output: &[u8], complaints: &[u8]) -> String {
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(output),
        String::from_utf8_lossy(complaints)
    );
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    let first = lines.len().saturating_sub(SHOWN_LINES);
    lines[first..].join("\n")
}
