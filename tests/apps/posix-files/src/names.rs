//! Making and removing names, `.` and `..`, symbolic and hard links.

use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt, symlink};

use crate::{case, inside, list, shows, text, write};

pub fn all() {
    inside("make", making);
    inside("remove", removing);
    inside("dots", dots);
    inside("symlinks", symlinks);
    inside("hard links", hard_links);
}

fn making() {
    write("f", "x");
    case("mkdir", fs::create_dir("d"));
    case("mkdir again", fs::create_dir("d"));
    case("mkdir over a file", fs::create_dir("f"));
    case("mkdir below a file", fs::create_dir("f/d"));
    case("mkdir below nothing", fs::create_dir("none/d"));
    case("mkdir with slashes", fs::create_dir("e//"));
    case("mkdir of nothing", fs::create_dir(""));
    case("mkdir .", fs::create_dir("."));
    case("mkdir ..", fs::create_dir("d/.."));
    case("mkdir /", fs::create_dir("/"));
    case("a name of 255", File::create("n".repeat(255)).map(drop));
    case("a name of 256", File::create("n".repeat(256)).map(drop));
    case("a long path", File::open("d/".repeat(3000)).map(drop));
    case("a file with a slash", File::create("g/").map(drop));
    shows("there are", list(".").len());
}

fn removing() {
    write("f", "x");
    fs::create_dir("d").expect("new");
    write("d/inner", "x");
    symlink("d", "l").expect("new");
    case("unlink nothing", fs::remove_file("none"));
    case("unlink a directory", fs::remove_file("d"));
    case("unlink below a file", fs::remove_file("f/x"));
    case("unlink with a slash", fs::remove_file("f/"));
    case("rmdir a file", fs::remove_dir("f"));
    case("rmdir what is not empty", fs::remove_dir("d"));
    case("rmdir .", fs::remove_dir("d/."));
    case("rmdir ..", fs::remove_dir("d/.."));
    case("rmdir /", fs::remove_dir("/"));
    case("rmdir a link", fs::remove_dir("l"));
    case("rmdir a link with a slash", fs::remove_dir("l/"));
    case("unlink a link", fs::remove_file("l"));
    shows("the target is still there", text("d/inner"));
    case("unlink the last", fs::remove_file("d/inner"));
    case("rmdir", fs::remove_dir("d/"));
    case("rmdir again", fs::remove_dir("d"));
}

fn dots() {
    fs::create_dir_all("a/b/c").expect("new");
    symlink("a/b", "l").expect("new");
    write("a/f", "x");
    for path in ["./a/./b/.", "a/b/../..", "l/..", "l/../f", "a//b///c/", "a/b/c/../../f"] {
        let found = fs::canonicalize(path).expect("it is there");
        let here = std::env::current_dir().expect("there is a working directory");
        shows(path, found.strip_prefix(here.parent().expect("it is in something")).expect("it is inside"));
    }
    shows("/..", fs::canonicalize("/..").expect("the root"));
    case(". of a file", fs::metadata("a/f/."));
    case(".. of a file", fs::metadata("a/f/.."));
    case(".. of nothing", fs::metadata("none/.."));
    std::env::set_current_dir("a/b").expect("a directory");
    shows("up and down", text("../f"));
    case("rename the way here", fs::rename("../../a", "../../z"));
    shows("the working directory moved", std::env::current_dir().expect("it has a name").ends_with("z/b"));
    std::env::set_current_dir("../..").expect("a directory");
    fs::create_dir("gone").expect("new");
    std::env::set_current_dir("gone").expect("a directory");
    case("rmdir of the working directory", fs::remove_dir("../gone"));
    case("it has no path", std::env::current_dir());
    case("nothing can be made in it", File::create("f").map(drop));
    shows("and nothing is in it", fs::read_dir(".").map(Iterator::count).unwrap_or(0));
    std::env::set_current_dir("..").expect("the parent of what was removed");
}

fn symlinks() {
    symlink("f", "l").expect("new");
    case("read through a dangling link", File::open("l").map(drop));
    case("make through it", fs::write("l", "made"));
    shows("what was made", (text("f"), fs::read_link("l").expect("a link")));
    case("over a name", symlink("x", "l"));
    case("to nothing", symlink("", "e"));
    case("in nothing", symlink("x", "none/l"));
    symlink("loop", "loop").expect("new");
    case("a loop", File::open("loop").map(drop));
    case("through a loop", File::open("loop/x").map(drop));
    shows("a loop can be looked at", fs::symlink_metadata("loop").expect("a link").file_type().is_symlink());
    case("readlink of a file", fs::read_link("f"));
    case("readlink of nothing", fs::read_link("none"));
    symlink("..", "up").expect("new");
    shows("a link upwards", list("up/symlinks").len());
    case("a link with a slash", fs::symlink_metadata("l/"));
    for step in 0..45 {
        symlink(if step == 0 { "f".into() } else { format!("s{}", step - 1) }, format!("s{step}"))
            .expect("new");
    }
    shows("forty links", text("s38"));
    case("more than forty", File::open("s44").map(drop));
    fs::create_dir("d").expect("new");
    symlink("d", "ld").expect("new");
    write("ld/f", "through");
    shows("through a link", text("d/f"));
    let target = "t".repeat(1000);
    symlink(&target, "long").expect("new");
    shows("a long target", fs::read_link("long").expect("a link").as_os_str().len());
    shows("its size", fs::symlink_metadata("long").expect("a link").len());
}

fn hard_links() {
    write("one", "shared");
    fs::create_dir("d").expect("new");
    case("link", fs::hard_link("one", "d/two"));
    case("over a name", fs::hard_link("one", "d/two"));
    case("of a directory", fs::hard_link("d", "e"));
    case("of nothing", fs::hard_link("none", "e"));
    case("in nothing", fs::hard_link("one", "none/e"));
    let (one, two) = (fs::metadata("one").expect("a file"), fs::metadata("d/two").expect("a file"));
    shows("one file", (one.nlink(), one.ino() == two.ino(), one.dev() == two.dev()));
    symlink("one", "l").expect("new");
    case("of a link", fs::hard_link("l", "l2"));
    shows("is a link", fs::symlink_metadata("l2").expect("a link").file_type().is_symlink());
    fs::remove_file("one").expect("a file");
    shows("after unlink", (text("d/two"), fs::metadata("d/two").expect("a file").nlink()));
}
