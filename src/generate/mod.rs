//! Makes a synthetic municipality to measure, test and demonstrate with.
//!
//! A request becomes a folder of nights in the declared dialects, with deviations planted in it and `facit.csv`, the
//! right outcome of every subject, written from what was planted and never by the engine. Nothing is stored: each
//! resident, case and vehicle is derived from its index and the seed, so that ten million residents take little memory
//! and the same seed gives the same bytes. For how a night is then read and judged see the engine; this room knows
//! nothing of it.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "what is cast is drawn below a small bound, or the year of a date that has been checked"
)]

mod case;
mod ceiling;
mod claim_rows;
mod claims;
mod cost;
mod cost_table;
mod dialects;
mod documents;
mod draw;
mod facit;
mod fleet;
mod folder;
mod habits;
mod idle;
mod incomes;
mod invoice_table;
mod invoices;
mod moves;
mod names;
mod newcomers;
mod norm;
mod notified;
mod number;
mod paid;
mod person_rows;
mod plans;
mod plant;
mod planted;
mod purchase;
mod readme;
mod recommendations;
mod recurring;
mod recurring_plant;
mod recurring_table;
mod registers;
mod registration;
mod request;
mod sampled;
mod second;
mod sheet;
mod supplier_rows;
mod supplier_table;
mod suppliers;
mod tables;
mod town;
mod work;
mod writing;

pub use folder::{GenerateError, Made, municipality};
pub use request::Request;
