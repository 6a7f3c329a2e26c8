//! A second start for the same data folder: the window that is open comes to the front, and does what was asked.
//!
//! A window that opened in its place would keep no history, since a history has one writer. In the data folder there is
//! a folder of the window's: a lock, which the first one holds and the system takes back whatever happens to it, and a
//! socket, on which it hears others. Both are in a folder that only its owner may enter, so nobody else is heard. Only
//! who holds the lock touches the socket: one that a killed program left behind is in nobody's way, and where the folder
//! is shared between machines, they don't take each other's away.
//!
//! A command of the terminal about people asks the window in the same way, for the folder is the window's.
//!
//! The socket is of the family `AF_UNIX`, which Windows has too (not tried there). Where there is none, or the first one
//! does not answer in time, a start is as if there were no such thing.

use std::{
    fs::{self, File},
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, Sender, bounded};
use serde::{Deserialize, Serialize};
use socket2::{Domain, SockAddr, Socket, Type};

use crate::{
    core::{NotSaid, Person, UnclearPerson},
    lan::{Comparison, LinkState},
    private_file,
    settings::DataFolder,
};

/// How long a start waits for the window that is open. One that is busy draws a frame in less; one that hangs is left
/// alone.
pub const LIMIT: Duration = Duration::from_secs(2);

/// How long the window that is open waits for what a start has to say.
const SAID_WITHIN: Duration = Duration::from_secs(1);

/// The longest that a start or the window may say; past it nothing is asked. A message to a person has 64 KiB at most,
/// and each of a thousand people nearby is said in less than half of one.
const LONGEST: usize = 512 * 1024;

/// Starts that may wait for an answer.
const WAITING: i32 = 16;

/// What a start asks of the window.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// Listen on this address.
    pub listen: Option<SocketAddr>,
    /// Connect to this host and port.
    pub connect: Option<(String, u16)>,
    /// This of people. Then the window comes to the front only where it has something to show.
    pub people: Option<AskedOfPeople>,
}

/// What a command of the terminal asks about people on this network. They are meant by their name or their id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AskedOfPeople {
    /// Who is there.
    Nearby,
    /// Say something to somebody.
    Say {
        /// To whom.
        to: String,
        /// What.
        text: String,
    },
    /// Whether that is delivered.
    IsDelivered {
        /// To whom.
        to: String,
        /// The row.
        row: u64,
    },
    /// Show six digits to compare.
    Verify {
        /// With whom.
        with: String,
    },
    /// What came of comparing them.
    Compared {
        /// With whom.
        with: String,
    },
}

/// What the window answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// It is done.
    Done,
    /// The window is not seen on this network itself.
    NotVisible,
    /// It is not known who is meant.
    Unclear(UnclearPerson),
    /// These are there.
    Nearby(Vec<Neighbour>),
    /// It is written, waits or is on its way.
    Said {
        /// The id.
        to: String,
        /// The name.
        name: String,
        /// The row.
        row: u64,
    },
    /// It was not taken.
    NotSaid {
        /// The name.
        name: String,
        /// Why.
        why: NotSaid,
    },
    /// Whether it is on the other's disk.
    Delivered(bool),
    /// How the comparison ended; none, if it has not.
    Compared(Option<Comparison>),
}

/// Somebody nearby.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Neighbour {
    /// The id, as it is written.
    pub id: String,
    /// A few characters of it.
    pub tag: String,
    /// The name.
    pub name: String,
    /// `here`, `away` or `busy`.
    pub state: String,
    /// Where.
    pub address: Option<SocketAddr>,
    /// Whether the key of the link is verified; none, if there is no link.
    pub linked: Option<bool>,
}

impl Neighbour {
    /// This person.
    #[must_use]
    pub fn of(person: &Person) -> Self {
        Self {
            id: person.id().to_string(),
            tag: person.id().tag(),
            name: person.name().to_owned(),
            state: person.presence().name().to_owned(),
            address: person.addresses().first().copied(),
            linked: (person.link() == LinkState::Live).then(|| person.is_verified()),
        }
    }
}

/// What a start finds.
#[derive(Debug)]
pub enum Found {
    /// No window of this folder: this one is the first, and can hear others.
    Nobody(Seat),
    /// A window, which has done what was asked.
    Done,
    /// There may be one, but it can't be asked; why.
    NoAnswer(io::Error),
}

/// Look for a window of this folder, and have it do what is asked.
#[must_use]
pub fn look_for_window(folder: &DataFolder, asked: &Asked) -> Found {
    let folder = folder.window();
    match Seat::take(&folder) {
        Ok(Some(seat)) => Found::Nobody(seat),
        Ok(None) => match ask(&folder, asked, Instant::now() + LIMIT) {
            Ok(_) => Found::Done,
            Err(error) => Found::NoAnswer(error),
        },
        Err(error) => Found::NoAnswer(error),
    }
}

/// Asks the window of this folder about people; none, where there is no window that answers.
#[must_use]
pub fn ask_window(folder: &DataFolder, asked: AskedOfPeople) -> Option<Answer> {
    let asked = Asked { people: Some(asked), ..Asked::default() };
    match ask(&folder.window(), &asked, Instant::now() + LIMIT) {
        Ok(answer) => Some(answer),
        Err(error) => {
            tracing::debug!("no window to ask: {error}");
            None
        }
    }
}

/// The place of the one window that a data folder has.
#[derive(Debug)]
pub struct Seat {
    folder: PathBuf,
    listener: Socket,
    /// Let go after the socket is gone.
    lock: File,
}

impl Seat {
    /// `None`: it is taken.
    fn take(folder: &Path) -> io::Result<Option<Self>> {
        private_file::create_folder(folder)?;
        private_file::restrict(folder);
        let lock = private_file::options().create(true).truncate(false).write(true).open(folder.join("lock"))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => return Ok(None),
            Err(fs::TryLockError::Error(error)) => return Err(error),
        }
        match fs::remove_file(folder.join(SOCKET)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = Socket::new(Domain::UNIX, Type::STREAM, None)?;
        let address = Address::in_folder(folder)?;
        listener.bind(&address.socket)?;
        listener.listen(WAITING)?;
        Ok(Some(Self { folder: folder.to_owned(), listener, lock }))
    }

    /// Hear other starts from here on, on a thread of its own. `wake` is called when one has something to ask.
    ///
    /// # Errors
    /// Where the system has no thread to give.
    pub fn hear(self, wake: impl Fn() + Send + 'static) -> io::Result<SecondStarts> {
        let Self { folder, listener, lock } = self;
        let (sender, asked) = bounded(1);
        let waiting = asked.clone();
        let over = Arc::new(AtomicBool::new(false));
        let is_over = Arc::clone(&over);
        thread::Builder::new().name("second-start".to_owned()).spawn(move || {
            while let Ok((socket, _)) = listener.accept() {
                if is_over.load(Ordering::Acquire) {
                    return;
                }
                if let Err(error) = serve(&socket, &sender, &waiting, &wake) {
                    tracing::warn!("a second start: {error}");
                }
            }
        })?;
        Ok(SecondStarts { folder, asked, over, _lock: lock })
    }
}

/// The other starts, as the window hears of them.
#[derive(Debug)]
pub struct SecondStarts {
    folder: PathBuf,
    asked: Receiver<SecondStart>,
    over: Arc<AtomicBool>,
    _lock: File,
}

impl SecondStarts {
    /// The next one that waits.
    #[must_use]
    pub fn try_recv(&self) -> Option<SecondStart> {
        self.asked.try_recv().ok()
    }
}

impl Drop for SecondStarts {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Release);
        // The thread waits for a start; it gets one.
        let woken = connect(&self.folder, Instant::now() + SAID_WITHIN);
        let removed = fs::remove_file(self.folder.join(SOCKET));
        for error in [woken.map(drop), removed].into_iter().filter_map(Result::err) {
            tracing::debug!("the end of hearing second starts: {error}");
        }
    }
}

/// One that waits for the window to do what it asks.
#[derive(Debug)]
pub struct SecondStart {
    /// What it asks.
    pub asked: Asked,
    answer: Sender<Answer>,
}

impl SecondStart {
    /// Answers it.
    pub fn answer(self, answer: Answer) {
        // It may have given up.
        let _ = self.answer.send(answer);
    }
}

/// The socket's name in the window's folder.
const SOCKET: &str = "socket";

/// The address of the socket, which may be longer than the system takes.
struct Address {
    socket: SockAddr,
    /// Held open while the address is used.
    _folder: Option<File>,
}

impl Address {
    fn in_folder(folder: &Path) -> io::Result<Self> {
        match SockAddr::unix(folder.join(SOCKET)) {
            Ok(socket) => Ok(Self { socket, _folder: None }),
            Err(error) => Self::through_descriptor(folder).ok_or(error),
        }
    }

    /// The same by a short name that Linux has for what is open.
    #[cfg(target_os = "linux")]
    fn through_descriptor(folder: &Path) -> Option<Self> {
        use std::os::fd::AsRawFd as _;
        let open = File::open(folder).ok()?;
        let socket = SockAddr::unix(format!("/proc/self/fd/{}/{SOCKET}", open.as_raw_fd())).ok()?;
        Some(Self { socket, _folder: Some(open) })
    }

    #[cfg(not(target_os = "linux"))]
    fn through_descriptor(_: &Path) -> Option<Self> {
        None
    }
}

fn connect(folder: &Path, until: Instant) -> io::Result<Socket> {
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    socket.connect_timeout(&Address::in_folder(folder)?.socket, left(until)?)?;
    Ok(socket)
}

fn ask(folder: &Path, asked: &Asked, until: Instant) -> io::Result<Answer> {
    let socket = connect(folder, until)?;
    socket.set_write_timeout(Some(left(until)?))?;
    let mut said = serde_json::to_vec(asked)?;
    said.push(b'\n');
    io::Write::write_all(&mut &socket, &said)?;
    Ok(serde_json::from_slice(&read_line(&socket, until)?)?)
}

fn serve(
    socket: &Socket,
    sender: &Sender<SecondStart>,
    waiting: &Receiver<SecondStart>,
    wake: &impl Fn(),
) -> io::Result<()> {
    let asked = serde_json::from_slice(&read_line(socket, Instant::now() + SAID_WITHIN)?)?;
    let (answer, answered) = bounded(1);
    sender.try_send(SecondStart { asked, answer }).map_err(|error| io::Error::other(error.to_string()))?;
    wake();
    let answer = match answered.recv_timeout(LIMIT) {
        Ok(answer) => answer,
        Err(error) => {
            // It has given up and does by itself what it asked.
            drop(waiting.try_recv());
            return Err(io::Error::other(error));
        }
    };
    socket.set_write_timeout(Some(SAID_WITHIN))?;
    let mut said = serde_json::to_vec(&answer)?;
    said.push(b'\n');
    io::Write::write_all(&mut &*socket, &said)
}

/// Reads up to the end of a line.
fn read_line(socket: &Socket, until: Instant) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    let mut piece = [0; 4096];
    while !line.ends_with(b"\n") {
        socket.set_read_timeout(Some(left(until)?))?;
        match io::Read::read(&mut &*socket, &mut piece) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => line.extend_from_slice(piece.get(..count).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        if line.len() > LONGEST {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
    }
    Ok(line)
}

/// The time that is left; an error if there is none.
fn left(until: Instant) -> io::Result<Duration> {
    match until.checked_duration_since(Instant::now()) {
        Some(left) if !left.is_zero() => Ok(left),
        _ => Err(io::ErrorKind::TimedOut.into()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic, reason = "a test")]

    use super::*;

    fn folder() -> io::Result<(tempfile::TempDir, DataFolder)> {
        let folder = tempfile::tempdir()?;
        let data = DataFolder::open(Some(folder.path()))?;
        Ok((folder, data))
    }

    fn first(folder: &DataFolder) -> Seat {
        match look_for_window(folder, &Asked::default()) {
            Found::Nobody(seat) => seat,
            other => panic!("{other:?}"),
        }
    }

    fn asked() -> Asked {
        Asked {
            listen: Some(([127, 0, 0, 1], 8888).into()),
            connect: Some(("主机.example".to_owned(), 1)),
            people: None,
        }
    }

    #[test]
    fn the_first_window_hears_what_the_second_start_asks_and_the_place_is_free_afterwards() -> io::Result<()> {
        let (_kept, folder) = folder()?;
        for _ in 0..2 {
            let (woken, look) = crossbeam_channel::unbounded();
            let first = first(&folder).hear(move || _ = woken.send(()))?;
            let other = folder.clone();
            let second = thread::spawn(move || look_for_window(&other, &asked()));
            look.recv_timeout(LIMIT).map_err(io::Error::other)?;
            let start = first.try_recv().ok_or(io::ErrorKind::NotFound)?;
            assert_eq!(start.asked, asked());
            start.answer(Answer::Done);
            assert!(matches!(second.join(), Ok(Found::Done)));
            drop(first);
            assert!(!folder.window().join(SOCKET).exists());
        }
        Ok(())
    }

    #[test]
    fn a_window_that_hangs_holds_no_second_start_up() -> io::Result<()> {
        let (_kept, folder) = folder()?;
        let _silent = first(&folder).hear(|| ())?;
        let begun = Instant::now();
        assert!(matches!(look_for_window(&folder, &asked()), Found::NoAnswer(_)));
        assert!(begun.elapsed() < LIMIT + Duration::from_secs(1), "{:?}", begun.elapsed());
        Ok(())
    }

    #[test]
    fn what_a_killed_program_leaves_behind_is_in_nobodys_way() -> io::Result<()> {
        let (_kept, folder) = folder()?;
        let Seat { listener, lock, .. } = first(&folder);
        drop((listener, lock));
        assert!(folder.window().join(SOCKET).exists());
        drop(first(&folder));
        Ok(())
    }

    #[test]
    fn who_is_locked_out_leaves_the_socket_alone() -> io::Result<()> {
        let (_kept, folder) = folder()?;
        let seat = first(&folder);
        fs::remove_file(folder.window().join(SOCKET))?;
        assert!(matches!(look_for_window(&folder, &asked()), Found::NoAnswer(_)));
        assert!(!folder.window().join(SOCKET).exists());
        drop(seat);
        Ok(())
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_folder_may_have_a_longer_name_than_a_socket() -> io::Result<()> {
        let kept = tempfile::tempdir()?;
        let folder = DataFolder::open(Some(&kept.path().join("n".repeat(120))))?;
        let seat = first(&folder);
        assert!(folder.window().join(SOCKET).exists());
        drop(connect(&folder.window(), Instant::now() + LIMIT)?);
        drop(seat);
        Ok(())
    }

    #[test]
    #[cfg(unix)]
    fn nobody_else_can_reach_the_socket() -> io::Result<()> {
        use std::os::unix::fs::PermissionsExt as _;
        let (_kept, folder) = folder()?;
        fs::create_dir(folder.window())?;
        fs::set_permissions(folder.window(), fs::Permissions::from_mode(0o755))?;
        let _seat = first(&folder);
        assert_eq!(fs::metadata(folder.window())?.permissions().mode() & 0o777, 0o700);
        Ok(())
    }

    #[test]
    fn nonsense_and_endless_lines_end_one_visit_and_not_the_hearing() -> io::Result<()> {
        let (_kept, folder) = folder()?;
        let window = first(&folder).hear(|| ())?;
        for nonsense in [vec![b'x'; 2 * LONGEST], b"{\"listen\": 1}\n".to_vec(), Vec::new()] {
            let socket = connect(&folder.window(), Instant::now() + LIMIT)?;
            // It may be closed before all is written.
            let _ = io::Write::write_all(&mut &socket, &nonsense);
        }
        let other = folder.clone();
        let second = thread::spawn(move || look_for_window(&other, &asked()));
        window.asked.recv_timeout(LIMIT).map_err(io::Error::other)?.answer(Answer::Done);
        assert!(matches!(second.join(), Ok(Found::Done)));
        Ok(())
    }
}
