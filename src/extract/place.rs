//! How the night's tables count rows.

/// A row's place in a table.
pub fn place(number: usize) -> u32 {
    u32::try_from(number).expect("the rows that cases can reach are fewer than four thousand million")
}
