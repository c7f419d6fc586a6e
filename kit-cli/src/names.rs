//! Symbol names: demangling, and the crate that a function comes from.

/// A mangled name as a person reads it, without the hash.
pub fn demangle(name: &str) -> String {
    format!("{:#}", rustc_demangle::demangle(name))
}

/// The crate that defines the function of this mangled name, if it is a Rust name.
///
/// A path begins with its crate, also inside the brackets of an implementation: `<axum::Router as …>::call` is
/// axum's. An implementation of a foreign type counts for the trait's crate only where the type has none.
pub fn crate_of(name: &str) -> Option<String> {
    let text = rustc_demangle::try_demangle(name).ok()?;
    first_crate(&format!("{text:#}")).map(str::to_string)
}

fn first_crate(path: &str) -> Option<&str> {
    let mut rest = path;
    while let Some(position) = rest.find("::") {
        let head = &rest[..position];
        let start = head.rfind(|character: char| !(character.is_alphanumeric() || character == '_'));
        let word = &head[start.map_or(0, |start| start + 1)..];
        if head.starts_with('<') && head.ends_with('>') && !head.contains(' ') {
            // A method of a type that the language itself has: `<str>::trim`, `<[u8]>::sort`.
            return Some("core");
        }
        if !word.is_empty() && !word.starts_with(|character: char| character.is_ascii_digit()) {
            return Some(word);
        }
        rest = &rest[position + 2..];
    }
    None
}

/// Whether a crate comes with the compiler, so that nobody chose it.
pub fn is_of_the_sysroot(name: &str) -> bool {
    const SYSROOT: [&str; 12] = [
        "core",
        "alloc",
        "std",
        "panic_unwind",
        "panic_abort",
        "unwind",
        "compiler_builtins",
        "hashbrown",
        "gimli",
        "addr2line",
        "miniz_oxide",
        "std_detect",
    ];
    SYSROOT.contains(&name) || name.starts_with("rustc_") || name == "__rustc"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_crate_begins_the_path() {
        assert_eq!(first_crate("axum::routing::Router::new"), Some("axum"));
        assert_eq!(first_crate("<axum::Router as core::fmt::Debug>::fmt"), Some("axum"));
        assert_eq!(first_crate("<&mut tokio::net::TcpStream as std::io::Read>::read"), Some("tokio"));
        assert_eq!(first_crate("<[u8] as core::fmt::Debug>::fmt"), Some("core"));
        assert_eq!(first_crate("<str>::trim_matches::<char>"), Some("core"));
        assert_eq!(first_crate("memcpy"), None);
    }

    #[test]
    fn both_manglings_are_read() {
        assert_eq!(crate_of("_ZN4core3fmt5write17h0123456789abcdefE").as_deref(), Some("core"));
        assert_eq!(crate_of("_RNvNtCs1234_7mycrate3foo3bar").as_deref(), Some("mycrate"));
        assert_eq!(crate_of("memcpy"), None);
    }
}
