//! The rule language: a typed subset of FEEL, the expression language of the DMN standard.
//!
//! Pure: text in, typed tree, value out. It knows the declared extracts only through its [`catalog`], and the night's
//! tables only through [`world::World`].

mod apply;
mod call;
pub mod catalog;
pub mod check;
pub mod constancy;
pub mod cover;
pub mod evaluate;
pub mod function;
mod habit;
pub mod kinds;
pub mod parameter;
pub mod parse;
pub mod reckon;
pub mod syntax;
pub mod table;
pub mod template;
mod token;
pub mod tree;
pub mod types;
pub mod unary;
pub mod value;
pub mod world;

#[cfg(test)]
mod tests;
