//! A Kconfig engine: the language and the semantics of Linux 6.12, with the common extensions.
//!
//! ```text
//!  files ── lexer ── parser ──► Draft ── finalise ──► Tree ──► Config ──► .config, autoconf.h, …
//!  (context)  └ macros                  (simplify)     (values: config/)   (file/, conf/)
//! ```

pub mod codes;
pub mod conf;
pub mod config;
pub mod context;
pub mod diagnostic;
mod draft;
pub mod expr;
mod expr_text;
pub mod file;
mod finalise;
mod glob;
pub(crate) mod hash;
mod help;
mod lexer;
mod load;
mod macros;
mod parser;
mod render;
mod simplify;
pub mod span;
pub mod tree;
mod world;

pub use codes::{Code, Explanation};
pub use config::{Change, Config, Delta, Origin, SetError};
pub use context::{
    Context, DiskFiles, Files, HostShell, MemoryFiles, NoShell, Output, RememberingShell, Shell,
};
pub use diagnostic::{Diagnostic, Note, Severity};
pub use expr::{Comparison, Expr, ExprId, Exprs};
pub use load::{Failure, Loaded, load};
pub use span::{FileId, Position, Sources, Span};
pub use tree::{Node, NodeId, NodeKind, Role, Symbol, SymbolId, Tree, Tristate, Type};
