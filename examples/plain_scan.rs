//! The least that reading a night's files can cost: their bytes are read and their separators, quotes and line ends counted.
//!
//! Nothing is made of what is counted. `benches/night.py` holds a night's time against this one's over the same files. Each
//! argument is a file. Two threads share the pieces, as a night on two cores does. Prints the seconds, the bytes and the
//! counts, so that nothing of the work can be left out by the compiler.

use std::env;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

/// Small enough to stay in a core's own cache while it is counted.
const PIECE: usize = 512 << 10;
const THREADS: usize = 2;
const LOOKED_FOR: [u8; 4] = [b';', b',', b'"', b'\n'];

/// How many there are of each byte that is looked for, and of all bytes.
#[derive(Clone, Copy, Default)]
struct Counts {
    bytes: usize,
    of_each: [usize; LOOKED_FOR.len()],
}

impl Counts {
    fn add(&mut self, piece: &[u8]) {
        self.bytes += piece.len();
        for (count, byte) in self.of_each.iter_mut().zip(LOOKED_FOR) {
            *count += memchr::memchr_iter(byte, piece).count();
        }
    }

    fn with(mut self, other: Self) -> Self {
        self.bytes += other.bytes;
        for (mine, theirs) in self.of_each.iter_mut().zip(other.of_each) {
            *mine += theirs;
        }
        self
    }
}

/// The pieces of all files: the place of the file and where the piece begins in it.
fn pieces(files: &[PathBuf]) -> io::Result<Vec<(usize, u64)>> {
    let mut pieces = Vec::new();
    for (place, file) in files.iter().enumerate() {
        let length = file.metadata()?.len();
        pieces.extend((0..length).step_by(PIECE).map(|start| (place, start)));
    }
    Ok(pieces)
}

/// Counts the pieces that nobody else has taken.
fn work(files: &[PathBuf], pieces: &[(usize, u64)], next: &AtomicUsize) -> io::Result<Counts> {
    let mut open: Vec<File> = files.iter().map(File::open).collect::<Result<_, _>>()?;
    let mut buffer = vec![0; PIECE];
    let mut counts = Counts::default();
    while let Some((file, start)) = pieces.get(next.fetch_add(1, Ordering::Relaxed)) {
        let file = &mut open[*file];
        file.seek(SeekFrom::Start(*start))?;
        let mut filled = 0;
        while filled < PIECE {
            match file.read(&mut buffer[filled..])? {
                0 => break,
                read => filled += read,
            }
        }
        counts.add(&buffer[..filled]);
    }
    Ok(counts)
}

fn scan(files: &[PathBuf]) -> io::Result<Counts> {
    let pieces = pieces(files)?;
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..THREADS).map(|_| scope.spawn(|| work(files, &pieces, &next))).collect();
        workers.into_iter().try_fold(Counts::default(), |counts, worker| {
            Ok(counts.with(worker.join().expect("a worker returns its errors")?))
        })
    })
}

fn main() -> ExitCode {
    let files: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    let begun = Instant::now();
    match scan(&files) {
        Ok(Counts { bytes, of_each: [semicolons, commas, quotes, line_ends] }) => {
            let seconds = begun.elapsed().as_secs_f64();
            println!("{seconds:.4} s, {bytes} bytes: {semicolons} ; {commas} , {quotes} \" {line_ends} line ends");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
