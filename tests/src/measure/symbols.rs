//! Which function an address is in, from the symbol table of an image.

use std::path::Path;

use object::{Object, ObjectSymbol, SymbolKind};

/// The functions of an image, by address.
pub struct Symbols {
    /// First address and demangled name, sorted.
    functions: Vec<(u64, String)>,
    /// Where the image is entered.
    pub entry: u64,
    /// The addresses of its code: from the first function to the page after the last.
    pub text: std::ops::Range<u64>,
}

impl Symbols {
    /// Reads the table of an ELF file that has one.
    #[track_caller]
    pub fn read(path: &Path) -> Self {
        let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let file = object::File::parse(&*bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let in_text = |symbol: &object::Symbol| {
            let section =
                symbol.section_index().and_then(|index| object::Object::section_by_index(&file, index).ok());
            section.is_some_and(|section| object::ObjectSection::kind(&section) == object::SectionKind::Text)
        };
        let mut symbols: Vec<(u64, bool, String)> = file
            .symbols()
            .filter(|symbol| {
                matches!(symbol.kind(), SymbolKind::Text | SymbolKind::Unknown) && in_text(symbol)
            })
            .filter_map(|symbol| {
                // A label at a function's address sorts behind it.
                Some((symbol.address(), symbol.kind() != SymbolKind::Text, readable(symbol.name().ok()?)))
            })
            .filter(|(_, _, name)| !name.is_empty() && !name.starts_with('.'))
            .collect();
        symbols.sort();
        symbols.dedup_by_key(|symbol| symbol.0);
        let functions: Vec<_> = symbols.into_iter().map(|(address, _, name)| (address, name)).collect();
        let start = functions.first().unwrap_or_else(|| panic!("{} has no symbols", path.display())).0;
        let end = functions.last().expect("it is not empty").0 + 65536;
        Self { functions, entry: file.entry(), text: start..end }
    }

    /// The address of the function with this demangled name, its generic arguments left out.
    pub fn address(&self, name: &str) -> Option<u64> {
        self.functions.iter().find(|(_, function)| function == name).map(|function| function.0)
    }

    /// The name of the function that `address` is in.
    pub fn function(&self, address: u64) -> &str {
        match self.functions.partition_point(|function| function.0 <= address) {
            0 => "?",
            after => &self.functions[after - 1].1,
        }
    }
}

/// A demangled name without the hash and without generic arguments, which differ between builds.
fn readable(name: &str) -> String {
    let demangled = format!("{:#}", rustc_demangle::demangle(name));
    let (mut text, mut depth) = (String::new(), 0_u32);
    let mut previous = ' ';
    for letter in demangled.chars() {
        match letter {
            // `<T as Trait>::method` starts with an angle bracket that is part of the name; `::<T>` does not.
            '<' if previous == ':' || depth > 0 => depth += 1,
            '>' if depth > 0 && previous != '-' => depth -= 1,
            _ if depth == 0 => text.push(letter),
            _ => {}
        }
        previous = letter;
    }
    text.replace("::::", "::").trim_end_matches(':').to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generic_arguments_and_hashes_are_left_out() {
        let name = "_ZN15kit_util_native8on_image5enter17h0123456789abcdefE";
        assert_eq!(readable(name), "kit_util_native::on_image::enter");
        let name = "_RINvNtCs1234_7mycrate3foo3barINtNtB4_3baz3QuxmEE";
        assert_eq!(readable(name), "mycrate::foo::bar");
        assert_eq!(readable("main"), "main");
    }

    #[test]
    fn an_address_is_in_the_function_before_it() {
        let functions = vec![(10, "a".to_string()), (20, "b".to_string())];
        let symbols = Symbols { functions, entry: 10, text: 10..30 };
        assert_eq!([9, 10, 19, 20, 29].map(|address| symbols.function(address)), ["?", "a", "a", "b", "b"]);
    }
}
