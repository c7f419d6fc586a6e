//! From a path to a node (POSIX.1-2017, 4.13 "Pathname Resolution").
//!
//! A walk over nodes, not over text: `..` is the parent of where the walk *is*, also behind a symbolic link. The
//! result keeps the last directory and the last name, because most callers want to make or remove that name.

use crate::Errno;
use crate::files::errno_of;
use alloc::borrow::Cow;
use alloc::vec;
use alloc::vec::Vec;
use kit_iface_fs::{FileSystem, FsError, NodeKind};

/// Most symbolic links in one walk (`MAXSYMLINKS` of Linux).
const LINKS_MAX: usize = 40;

/// Where a path leads.
pub struct Place<'p, N> {
    /// The directory that the last name is in; the node itself for a path without a last name.
    pub directory: N,
    /// The last name, or how the path ends without one.
    pub last: Last<'p>,
    /// What is there, if anything is.
    pub node: Option<N>,
    /// The path ends with a slash: what is there must be a directory.
    pub wants_directory: bool,
}

/// The end of a path.
#[derive(Debug, PartialEq, Eq)]
pub enum Last<'p> {
    /// A name in a directory.
    Name(Cow<'p, [u8]>),
    /// `.`
    Dot,
    /// `..`
    DotDot,
    /// The path is `/`.
    Root,
}

impl<N> Place<'_, N> {
    /// What is there.
    pub fn existing(self) -> Result<N, Errno> {
        self.node.ok_or(Errno(libc::ENOENT))
    }
}

/// What happens to a symbolic link that is the last name of a path. Links before that are always followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Follow {
    /// It stands for what it points to.
    Yes,
    /// It is itself, unless a slash behind it asks for what it points to.
    OnSlash,
    /// It is itself: the caller wants the name. A slash is the caller's business as well.
    No,
}

impl Follow {
    /// For calls that follow, or with a flag do not.
    pub fn unless(no: bool) -> Self {
        if no { Self::OnSlash } else { Self::Yes }
    }
}

/// Resolves `path`, which starts at `base` unless it is absolute. The last name need not exist.
pub fn resolve<'p, F: FileSystem>(
    fs: &F,
    base: impl FnOnce() -> Result<F::Node, Errno>,
    path: &'p [u8],
    follow: Follow,
) -> Result<Place<'p, F::Node>, Errno> {
    if path.is_empty() {
        return Err(Errno(libc::ENOENT));
    }
    let mut text = Cow::Borrowed(path);
    let mut directory = if path[0] == b'/' { fs.root().map_err(errno_of) } else { base() }?;
    let mut last = Last::Root;
    let mut links = 0;
    let mut at = 0;
    loop {
        at += count(&text[at..], |byte| byte == b'/');
        let end = at + count(&text[at..], |byte| byte != b'/');
        let rest = end + count(&text[end..], |byte| byte == b'/');
        let (is_last, wants_directory) = (rest == text.len(), rest > end);
        match &text[at..end] {
            b"" => {
                return Ok(Place { node: Some(directory.clone()), directory, last, wants_directory: true });
            }
            b"." => last = Last::Dot,
            b".." => {
                directory = fs.parent(&directory).map_err(errno_of)?;
                last = Last::DotDot;
            }
            name => {
                let node = match fs.lookup(&directory, name) {
                    Ok(node) => Some(node),
                    Err(FsError::NotFound) if is_last => None,
                    Err(error) => return Err(errno_of(error)),
                };
                let kind = node.as_ref().map(|node| fs.metadata(node).kind);
                if let (Some(link), Some(NodeKind::Symlink)) = (&node, kind)
                    && (follow == Follow::Yes || !is_last || (wants_directory && follow == Follow::OnSlash))
                {
                    links += 1;
                    if links > LINKS_MAX {
                        return Err(Errno(libc::ELOOP));
                    }
                    let target = read_link(fs, link)?;
                    if target.first() == Some(&b'/') {
                        directory = fs.root().map_err(errno_of)?;
                        last = Last::Root;
                    }
                    text = Cow::Owned(with_rest(target, &text[end..])?);
                    at = 0;
                    continue;
                }
                if is_last {
                    let is_other = kind.is_some_and(|kind| kind != NodeKind::Directory);
                    if wants_directory && is_other && follow != Follow::No {
                        return Err(Errno(libc::ENOTDIR));
                    }
                    let name = match &text {
                        Cow::Borrowed(text) => Cow::Borrowed(&text[at..end]),
                        Cow::Owned(text) => Cow::Owned(text[at..end].to_vec()),
                    };
                    return Ok(Place { directory, last: Last::Name(name), node, wants_directory });
                }
                match (node, kind) {
                    (Some(node), Some(NodeKind::Directory)) => directory = node,
                    _ => return Err(Errno(libc::ENOTDIR)),
                }
            }
        }
        at = rest;
    }
}

fn count(text: &[u8], is_in: impl Fn(u8) -> bool) -> usize {
    text.iter().take_while(|byte| is_in(**byte)).count()
}

/// The target of a symbolic link.
pub fn read_link<F: FileSystem>(fs: &F, link: &F::Node) -> Result<Vec<u8>, Errno> {
    let mut target = vec![0; fs.metadata(link).size as usize];
    let length = fs.read_link(link, &mut target).map_err(errno_of)?;
    target.truncate(length);
    if target.is_empty() { Err(Errno(libc::ENOENT)) } else { Ok(target) }
}

/// A link's target, followed by what of the path is left.
fn with_rest(mut target: Vec<u8>, rest: &[u8]) -> Result<Vec<u8>, Errno> {
    target.extend_from_slice(rest);
    if target.len() >= libc::PATH_MAX as usize { Err(Errno(libc::ENAMETOOLONG)) } else { Ok(target) }
}

/// The absolute path of a directory: upwards, finding each one's name in its parent.
pub fn path_of<F: FileSystem>(fs: &F, directory: &F::Node) -> Result<Vec<u8>, Errno> {
    let mut backwards: Vec<Vec<u8>> = Vec::new();
    let mut at = directory.clone();
    let root = fs.root().map_err(errno_of)?;
    while !fs.is_same(&at, &root) {
        let parent = fs.parent(&at).map_err(errno_of)?;
        backwards.push(name_in(fs, &parent, &at)?);
        at = parent;
    }
    let mut path = Vec::new();
    for name in backwards.iter().rev() {
        path.push(b'/');
        path.extend_from_slice(name);
    }
    if path.is_empty() {
        path.push(b'/');
    }
    Ok(path)
}

/// What `parent` calls `directory`.
fn name_in<F: FileSystem>(fs: &F, parent: &F::Node, directory: &F::Node) -> Result<Vec<u8>, Errno> {
    let inode = fs.metadata(directory).inode;
    let mut cursor = 0;
    loop {
        let mut found = None;
        fs.read_directory(parent, cursor, &mut |next, candidate, number, _| {
            cursor = next;
            if number == inode {
                found = Some(candidate.to_vec());
            }
            found.is_none()
        })
        .map_err(errno_of)?;
        // A directory that was removed while somebody is in it has no path.
        let name = found.ok_or(Errno(libc::ENOENT))?;
        // Where another filesystem is mounted, two entries may have one inode.
        if fs.lookup(parent, &name).is_ok_and(|node| fs.is_same(&node, directory)) {
            return Ok(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;
    use core::ffi::c_int;
    use kit_iface_fs::fake::Lists;

    /// `/a/b/f`, `/a/l → b`, `/abs → /a/b`, `/loop → loop`, `/dangling → nowhere`.
    fn tree() -> Lists {
        let fs = Lists::new();
        let make = |at: &usize, name: &str, kind| fs.create(at, name.as_bytes(), kind, 0o755).expect("new");
        let a = make(&0, "a", NodeKind::Directory);
        let b = make(&a, "b", NodeKind::Directory);
        make(&b, "f", NodeKind::File);
        fs.symlink(&a, b"l", b"b").expect("new");
        fs.symlink(&0, b"abs", b"/a/b").expect("new");
        fs.symlink(&0, b"loop", b"loop").expect("new");
        fs.symlink(&0, b"dangling", b"nowhere").expect("new");
        fs
    }

    /// Resolves from `/a`; answers with the path of the last directory, the last name and whether it exists.
    fn walk(path: &str, follow: Follow) -> Result<(String, String, bool), c_int> {
        let fs = tree();
        let base = || fs.lookup(&0, b"a").map_err(errno_of);
        let place = resolve(&fs, base, path.as_bytes(), follow).map_err(|errno| errno.0)?;
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
        let directory = text(&path_of(&fs, &place.directory).map_err(|errno| errno.0)?);
        let last = match &place.last {
            Last::Name(name) => text(name),
            other => alloc::format!("{other:?}"),
        };
        Ok((directory, last, place.node.is_some()))
    }

    fn found(path: &str, directory: &str, last: &str) {
        assert_eq!(walk(path, Follow::Yes), Ok((directory.into(), last.into(), true)), "{path}");
    }

    #[test]
    fn names_dots_and_slashes() {
        found("b/f", "/a/b", "f");
        found("/a/b", "/a", "b");
        found("//a///b/", "/a", "b");
        found("./b/./../b/f", "/a/b", "f");
        found("/", "/", "Root");
        found("..", "/", "DotDot");
        found("/../..", "/", "DotDot");
        found("b/.", "/a/b", "Dot");
    }

    #[test]
    fn what_is_missing_and_what_is_in_the_way() {
        assert_eq!(walk("b/new", Follow::Yes), Ok(("/a/b".into(), "new".into(), false)));
        assert_eq!(walk("b/new/", Follow::Yes), Ok(("/a/b".into(), "new".into(), false)));
        assert_eq!(walk("b/new/x", Follow::Yes), Err(libc::ENOENT));
        assert_eq!(walk("b/f/x", Follow::Yes), Err(libc::ENOTDIR));
        assert_eq!(walk("b/f/", Follow::Yes), Err(libc::ENOTDIR));
        assert_eq!(walk("b/f/.", Follow::Yes), Err(libc::ENOTDIR));
        assert_eq!(walk("", Follow::Yes), Err(libc::ENOENT));
        assert_eq!(walk(&"n".repeat(256), Follow::Yes), Err(libc::ENAMETOOLONG));
    }

    #[test]
    fn links_are_followed_to_where_they_are() {
        found("l/f", "/a/b", "f");
        found("/abs/f", "/a/b", "f");
        found("/abs/..", "/a", "DotDot");
        found("l", "/a", "b");
        assert_eq!(walk("/dangling", Follow::Yes), Ok(("/".into(), "nowhere".into(), false)));
        assert_eq!(walk("/dangling/x", Follow::Yes), Err(libc::ENOENT));
        assert_eq!(walk("/loop", Follow::Yes), Err(libc::ELOOP));
        assert_eq!(walk("/loop/x", Follow::No), Err(libc::ELOOP));
    }

    #[test]
    fn the_last_link_is_the_callers_choice() {
        assert_eq!(walk("l", Follow::OnSlash), Ok(("/a".into(), "l".into(), true)));
        assert_eq!(walk("l/", Follow::OnSlash), Ok(("/a".into(), "b".into(), true)));
        assert_eq!(walk("l/", Follow::No), Ok(("/a".into(), "l".into(), true)));
        assert_eq!(walk("b/f/", Follow::No), Ok(("/a/b".into(), "f".into(), true)));
        assert_eq!(walk("/loop", Follow::No), Ok(("/".into(), "loop".into(), true)));
    }
}
