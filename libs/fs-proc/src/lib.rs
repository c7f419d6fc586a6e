//! `/proc` of an image: a constant tree, whose files are written when they are read.
//!
//! [`tree`] has the names, [`files`] what is in the files, [`window`] how a text without end fits a caller's buffer,
//! [`image`] where the image is in memory.
#![no_std]
#![deny(missing_docs)]

mod files;
mod image;
mod tree;
mod window;

pub use tree::{Node, ProcFs};
