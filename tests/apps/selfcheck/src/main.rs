//! Checks the image that it is in, and exits with 42 if all of it is right.

#[cfg(feature = "files")]
mod files;
mod heap;
#[cfg(any(feature = "streams", feature = "datagrams"))]
mod network;
#[cfg(feature = "threads")]
mod threads;
mod time;

/// No image exits like this by accident.
const ALL_RIGHT: i32 = 42;

fn main() {
    heap::check();
    time::check();
    #[cfg(feature = "random")]
    random();
    #[cfg(feature = "threads")]
    threads::check();
    #[cfg(feature = "files")]
    files::check();
    #[cfg(feature = "datagrams")]
    network::datagrams();
    #[cfg(feature = "streams")]
    network::streams();
    println!("self-check: all right");
    std::process::exit(ALL_RIGHT);
}

/// Keys of hash maps are random: two of them are never alike.
#[cfg(feature = "random")]
fn random() {
    use std::hash::{BuildHasher, RandomState};
    use std::thread::spawn;
    // Keys are drawn once a thread and counted up from there, so it takes two threads to see two draws.
    let draw = || RandomState::new().hash_one(1);
    let (one, other) = match cfg!(feature = "threads") {
        true => (spawn(draw).join().unwrap(), spawn(draw).join().unwrap()),
        false => (draw(), draw()),
    };
    assert_ne!(one, other, "two draws are alike");
}
