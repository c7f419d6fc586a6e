//! x86-64: contexts, switches, traps, page tables, TSC.
#![no_std]
#![deny(missing_docs)]
