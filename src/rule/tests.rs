//! The language as a whole, over a little world: what expressions come to, and what is said of those that are wrong.

mod constant;
mod facts;
mod functions;
mod missing;
mod mistakes;

mod monotone;
mod narrowed;
mod protection;
mod recorded;
mod results;
mod sentences;
mod wild;
mod world;
