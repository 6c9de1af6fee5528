//! The only room that writes files for people and systems, and the one that keeps what is protected apart.

mod accounts;
mod folder;
mod list;
mod manifest;
mod note;
mod sheet;

pub use accounts::{
    Account, RejectedLine, accounts, accounts_file, accounts_in, rejected_file, rejected_in, rejected_lines,
};
pub use folder::{Delivered, Folder, FolderError, Halt, OutputFile, Secrecy, halt_at, publish, resume};
pub use list::{list, protected_list};
pub use manifest::{ExtractEntry, GuardEntry, Manifest, OutputEntry, RobotEntry, hex};
pub use note::{Note, NoteSource, Noted, notes, notes_file};
