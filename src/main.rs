//! The door: arguments, clock, environment, terminal, exit code.

use std::io::{IsTerminal, Write, stderr, stdout};
use std::process::ExitCode;

use nattkoll::cli::{Loudness, Surroundings, execute};
use tracing::Level;

fn main() -> ExitCode {
    // A panic's text may hold personal data; its place in the code cannot.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
        let _ = writeln!(stderr(), "error: a fault in the program, at {place}");
    }));
    let here = Surroundings {
        today: chrono::Local::now().date_naive(),
        clock: chrono::Utc::now,
        folder: std::env::current_dir().unwrap_or_default(),
        variable: environment,
        stderr_is_terminal: stderr().is_terminal(),
        peak_memory,
        cores: std::thread::available_parallelism().map_or(1, usize::from),
    };
    let is_terminal = here.stderr_is_terminal;
    let answer = execute(std::env::args_os(), &here, |loudness| start_log(loudness, is_terminal));
    let _ = stderr().write_all(answer.talk.as_bytes());
    // Whoever reads stdout may have gone; that is no fault of the night's.
    let _ = stdout().write_all(answer.data.as_bytes()).and_then(|()| stdout().flush());
    ExitCode::from(answer.exit)
}

#[expect(clippy::disallowed_methods, reason = "the door is where the environment is read")]
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The most memory that the process has had, in bytes, as Linux tells of it; elsewhere nobody is asked.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}

fn start_log(loudness: Loudness, with_colours: bool) {
    let level = match loudness {
        Loudness::Warnings => Level::WARN,
        Loudness::Steps => Level::INFO,
    };
    tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(stderr)
        .with_target(false)
        .with_ansi(with_colours)
        .init();
}
