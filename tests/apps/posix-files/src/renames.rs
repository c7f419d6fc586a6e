//! `rename`, as POSIX lists its cases, and that others never see a moment in between.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::unix::fs::{MetadataExt, symlink};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::{case, inside, list, shows, text, write};

pub fn all() {
    inside("rename", cases);
    inside("rename directories", directories);
    inside("rename while others look", atomic);
}

fn cases() {
    write("a", "a");
    write("b", "b");
    fs::create_dir("d").expect("new");
    symlink("a", "l").expect("new");
    case("nothing", fs::rename("none", "x"));
    case("into nothing", fs::rename("a", "none/x"));
    case("to nothing", fs::rename("a", ""));
    case("a file over a directory", fs::rename("a", "d"));
    case("a directory over a file", fs::rename("d", "a"));
    case("a file with a slash", fs::rename("a/", "c"));
    case("to a name with a slash", fs::rename("a", "c/"));
    case(".", fs::rename("d/.", "x"));
    case("..", fs::rename("d/..", "x"));
    case("onto itself", fs::rename("a", "a"));
    case("over a file", fs::rename("a", "b"));
    shows("it is the other now", (text("b"), list(".")));
    case("into a directory", fs::rename("b", "d/b"));
    case("a link", fs::rename("l", "m"));
    shows("the link is what it was", fs::read_link("m").expect("a link"));
    case("over a link", fs::rename("d/b", "m"));
    shows("the link is gone", fs::symlink_metadata("m").expect("a file").is_file());
    fs::hard_link("m", "n").expect("new");
    case("one name of a file over another", fs::rename("m", "n"));
    shows("both stay", list("."));
    let mut open = File::open("n").expect("a file");
    write("new", "new");
    case("over an open file", fs::rename("new", "n"));
    let mut before = String::new();
    open.read_to_string(&mut before).expect("it is open");
    shows("what was open is what it was", (before, text("n")));
}

fn directories() {
    fs::create_dir_all("outer/inner").expect("new");
    fs::create_dir("empty").expect("new");
    fs::create_dir_all("full/x").expect("new");
    case("into itself", fs::rename("outer", "outer/x"));
    case("deeper into itself", fs::rename("outer", "outer/inner/x"));
    case("over its parent", fs::rename("outer/inner", "outer"));
    case("over what is not empty", fs::rename("outer", "full"));
    case("over what is empty", fs::rename("outer", "empty"));
    shows("it moved", (list("."), list("empty")));
    case("elsewhere", fs::rename("empty", "full/x/y/"));
    shows("its parent", fs::canonicalize("full/x/y/..").expect("a directory").ends_with("full/x"));
    shows("links", (fs::metadata("full/x").expect("one").nlink(), fs::metadata(".").expect("one").nlink()));
}

/// A reader that opens a name again and again while it is replaced sees the old or the new, and always one of them.
fn atomic() {
    write("config", "000");
    let is_over = AtomicBool::new(false);
    let (mut reads, mut wrong) = (0, 0);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for round in 0..300 {
                let mut file = File::create("config.new").expect("it can be made");
                file.write_all(format!("{round:03}").as_bytes()).expect("it can be written");
                fs::rename("config.new", "config").expect("it can be replaced");
            }
            is_over.store(true, Ordering::Release);
        });
        loop {
            let was_over = is_over.load(Ordering::Acquire);
            let text = text("config");
            wrong += usize::from(text.len() != 3 || text.parse::<u32>().is_err());
            reads += 1;
            if was_over {
                break;
            }
        }
    });
    shows("reads", reads > 0);
    shows("wrong", wrong);
    shows("at last", text("config"));
}
