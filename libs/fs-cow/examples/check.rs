//! Checks disks that are files: `cargo run -p kit-fs-cow --example check -- IMAGE…`. Changes nothing.

use kit_fs_cow::check::check;
use kit_iface_block::{Disk, SECTOR_BYTES, fake::MemoryDisk};
use std::process::ExitCode;

kit_util_host_test::bind!();

fn main() -> ExitCode {
    let images: Vec<String> = std::env::args().skip(1).collect();
    if images.is_empty() {
        eprintln!("usage: check IMAGE…");
        return ExitCode::from(2);
    }
    let mut status = ExitCode::SUCCESS;
    for image in images {
        let mut bytes = match std::fs::read(&image) {
            Ok(bytes) => bytes,
            Err(error) => {
                eprintln!("{image}: {error}");
                return ExitCode::from(2);
            }
        };
        bytes.truncate(bytes.len() / SECTOR_BYTES * SECTOR_BYTES);
        match check(Box::leak(Box::new(MemoryDisk::holding(bytes))), Disk(0)) {
            Ok(report) => println!("{image}: consistent, {report:?}"),
            Err(damage) => {
                eprintln!("{image}: {damage}");
                status = ExitCode::FAILURE;
            }
        }
    }
    status
}
