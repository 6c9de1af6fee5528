//! The only room that writes files for people and systems, and the one that keeps what is protected apart.

mod accounts;
mod correction;
mod folder;
mod list;
mod manifest;
mod note;
mod sheet;

pub use accounts::{
    Account, RejectedLine, account_lines, account_lines_in, accounts, accounts_file, accounts_in, rejected_file,
    rejected_in, rejected_lines,
};
pub use correction::{Correction, corrections_file};
pub use folder::{
    Delivered, FileError, Folder, FolderError, Halt, OutputFile, Secrecy, halt_at, publish, remove_night, replace_file,
    replace_in_folder, resume,
};
pub use list::{ListFile, further_lists, list, protected_list};
pub use manifest::{ExtractEntry, GuardEntry, Manifest, OutputEntry, RobotEntry, hex};
pub use note::{Note, NoteSource, Noted, cases_in, notes, written_notes};
pub use sheet::{lines, rows_of};
