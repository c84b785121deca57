//! The thread that holds the second sink. Whoever asks it waits until a deadline and no longer; while it has not answered
//! it is asked nothing more, so that nothing piles up behind a sink that hangs.

use std::io;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;

use super::{Entry, Outlet, Position, SinkFault};

/// How long an answer of the sink is waited for.
pub const DEADLINE: Duration = Duration::from_secs(1);

/// What is asked.
#[derive(Debug)]
pub enum Command {
    /// Open it, knowing where it was.
    Open(Position),
    /// Write these.
    Write(Vec<Entry>),
    /// See whether it still stands.
    Look,
}

/// What it answers: for [`Command::Open`], from where to carry on.
type Answer = Result<Option<Position>, SinkFault>;

struct Asked {
    command: Command,
    reply: oneshot::Sender<Answer>,
}

/// A hand on the sink.
#[derive(Debug)]
pub struct Hand {
    thread: mpsc::Sender<Asked>,
    /// What was not answered in time.
    late: Option<oneshot::Receiver<Answer>>,
}

impl Hand {
    /// Starts the thread. It ends with the hand, or when what it was asked last comes back.
    pub fn on(mut outlet: Box<dyn Outlet>) -> io::Result<Self> {
        let (thread, asked) = mpsc::channel::<Asked>();
        thread::Builder::new().name("second-sink".to_owned()).spawn(move || {
            for Asked { command, reply } in asked {
                let answer = match command {
                    Command::Open(known) => outlet.open(known).map(Some),
                    Command::Write(entries) => outlet.write(&entries).map(|()| None),
                    Command::Look => outlet.look().map(|()| None),
                };
                // Whoever asked may have stopped waiting; he will open it again.
                let _ = reply.send(answer);
            }
        })?;
        Ok(Self { thread, late: None })
    }

    /// Asks, and waits until the deadline.
    pub async fn ask(&mut self, command: Command) -> Answer {
        if let Some(late) = &mut self.late {
            if matches!(late.try_recv(), Err(oneshot::error::TryRecvError::Empty)) {
                return Err(SinkFault::Hangs);
            }
            self.late = None;
        }
        let (reply, mut answer) = oneshot::channel();
        if self.thread.send(Asked { command, reply }).is_err() {
            return Err(SinkFault::Io(io::ErrorKind::BrokenPipe));
        }
        match tokio::time::timeout(DEADLINE, &mut answer).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(SinkFault::Io(io::ErrorKind::BrokenPipe)),
            Err(_) => {
                self.late = Some(answer);
                Err(SinkFault::Hangs)
            }
        }
    }
}
