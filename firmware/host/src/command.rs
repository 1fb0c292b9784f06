//! How a program is run: an absolute path and a list of arguments, a fixed
//! environment, a time limit, nothing inherited but what is given. What it says on
//! its error stream is kept for the error; the caller gets its output as text.

use crate::system::HostError;
use std::ffi::{OsStr, OsString};
use std::io;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command as Process};

/// Long enough for every short query on an emulated board under load.
const USUAL_LIMIT: Duration = Duration::from_secs(60);
/// For a role that a person waits for.
const ROLE_LIMIT: Duration = Duration::from_secs(30);
/// How much of the error stream is kept, in bytes.
const KEPT_STDERR: usize = 2048;

/// Runs this very program in another role, gives it `input` and returns what it
/// says: work whose memory should end with it.
///
/// # Errors
/// When it cannot be started, fails, or does not end in time.
pub async fn run_role(role: &str, input: String) -> Result<String, HostError> {
    Command::new("/proc/self/exe")
        .arg(role)
        .input(input)
        .within(ROLE_LIMIT)
        .run()
        .await
}

/// A program about to be run.
pub(crate) struct Command {
    program: &'static str,
    args: Vec<OsString>,
    input: Option<String>,
    limit: Duration,
}

impl Command {
    /// The program at that absolute path, without arguments yet.
    pub(crate) const fn new(program: &'static str) -> Self {
        Self {
            program,
            args: Vec::new(),
            input: None,
            limit: USUAL_LIMIT,
        }
    }

    pub(crate) fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.args.push(arg.as_ref().to_owned());
        self
    }

    pub(crate) fn args<A: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        let owned = args.into_iter().map(|arg| arg.as_ref().to_owned());
        self.args.extend(owned);
        self
    }

    /// Text for its standard input: the way for secrets, which arguments are not.
    pub(crate) fn input(mut self, text: String) -> Self {
        self.input = Some(text);
        self
    }

    pub(crate) const fn within(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Runs it and returns what it said.
    ///
    /// # Errors
    /// When it cannot be started, fails, or does not end in time.
    pub(crate) async fn run(self) -> Result<String, HostError> {
        let program = self.program;
        let limit = self.limit;
        match tokio::time::timeout(limit, self.run_unlimited()).await {
            Ok(result) => result,
            // Dropping the child has killed it.
            Err(_) => Err(HostError::TimedOut {
                program,
                seconds: limit.as_secs(),
            }),
        }
    }

    /// Starts it with all three streams in the caller's hands. Dropping the child ends
    /// it.
    ///
    /// # Errors
    /// When it cannot be started.
    pub(crate) fn start(self) -> Result<Child, HostError> {
        let program = self.program;
        self.spawn(Stdio::piped())
            .map_err(|source| HostError::Start { program, source })
    }

    async fn run_unlimited(self) -> Result<String, HostError> {
        let program = self.program;
        let started = |source| HostError::Start { program, source };
        let stdin = match self.input {
            Some(_) => Stdio::piped(),
            None => Stdio::null(),
        };
        let mut child = self.spawn(stdin).map_err(started)?;
        let (status, stdout, stderr) = converse(&mut child, self.input).await.map_err(started)?;
        if !status.success() {
            return Err(HostError::Failed {
                program,
                status: status.to_string(),
                stderr: end_of(&stderr),
            });
        }
        String::from_utf8(stdout).map_err(|error| HostError::Unexpected {
            what: program,
            text: end_of(error.as_bytes()),
        })
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place where the firmware runs programs"
    )]
    fn spawn(&self, stdin: Stdio) -> io::Result<Child> {
        Process::new(self.program)
            .args(&self.args)
            .env_clear()
            .env("LC_ALL", "C")
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .current_dir("/")
            .stdin(stdin)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
    }
}

/// Gives a child its input, and takes both of its outputs at once, so that no pipe
/// fills up while another is waited for.
async fn converse(
    child: &mut Child,
    input: Option<String>,
) -> io::Result<(ExitStatus, Vec<u8>, Vec<u8>)> {
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let write = async {
        if let (Some(mut stdin), Some(input)) = (stdin, input) {
            match stdin.write_all(input.as_bytes()).await {
                // It did not want to hear it all; its exit status says why.
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
                result => result?,
            }
        }
        Ok::<(), io::Error>(())
    };
    let (mut said, mut complained) = (Vec::new(), Vec::new());
    let read = async {
        match stdout {
            Some(mut stdout) => stdout.read_to_end(&mut said).await,
            None => Ok(0),
        }
    };
    let read_errors = async {
        match stderr {
            Some(mut stderr) => stderr.read_to_end(&mut complained).await,
            None => Ok(0),
        }
    };
    tokio::try_join!(write, read, read_errors)?;
    Ok((child.wait().await?, said, complained))
}

/// The end of a text of unknown length, whole lines preferred.
fn end_of(bytes: &[u8]) -> String {
    let start = bytes.len().saturating_sub(KEPT_STDERR);
    let text = String::from_utf8_lossy(&bytes[start..]);
    text.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_a_program_says_is_returned_and_input_reaches_it() {
        let said = Command::new("/bin/cat").input("été".to_owned()).run().await;
        assert_eq!(said.unwrap(), "été");
    }

    #[tokio::test]
    async fn a_failure_keeps_the_end_of_what_was_said() {
        let error = Command::new("/bin/ls").arg("/nonexistent").run().await;
        let text = error.unwrap_err().to_string();
        assert!(text.contains("No such file"), "{text}");
    }

    #[tokio::test]
    async fn a_program_that_does_not_end_is_ended() {
        let command = Command::new("/bin/sleep").arg("1000");
        let error = command.within(Duration::from_millis(50)).run().await;
        assert!(
            matches!(error, Err(HostError::TimedOut { .. })),
            "{error:?}"
        );
    }

    #[tokio::test]
    async fn a_program_that_does_not_listen_is_no_error_of_ours() {
        let long = "x".repeat(1 << 20);
        let answer = Command::new("/bin/true").input(long).run().await;
        assert!(answer.is_ok(), "{answer:?}");
    }
}
