//! Backtraces of the OS, by the symbols that the build kept.

use std::path::Path;

use object::{Object, ObjectSymbol, SymbolKind};

use super::control::Fault;
use crate::names::demangle;

/// A fault as a person reads it: whose it is, then one line for each frame.
pub fn report(fault: &Fault, symbols: &Path) -> String {
    let functions = std::fs::read(symbols).map(|bytes| functions(&bytes)).unwrap_or_default();
    // The console has said what happened; these are the words of libs/iface/platform for who is to blame.
    let mut text = match fault.kind.as_str() {
        "app" => "the application was here:".to_string(),
        "os" => "the OS was here:".to_string(),
        kind => format!("the OS ended by {kind} here:"),
    };
    for (number, address) in fault.addresses.iter().enumerate() {
        // All but the first are return addresses: the call is before them.
        let call = if number == 0 { *address } else { address.saturating_sub(1) };
        text.push_str(&format!("\n  {number:2}: {address:#010x}  {}", name_of(&functions, call)));
    }
    text
}

struct Function {
    start: u64,
    end: u64,
    name: String,
}

fn functions(bytes: &[u8]) -> Vec<Function> {
    let Ok(file) = object::File::parse(bytes) else { return Vec::new() };
    let texts = file.symbols().filter(|symbol| symbol.kind() == SymbolKind::Text && symbol.is_definition());
    let mut functions: Vec<_> = texts
        .map(|symbol| Function {
            start: symbol.address(),
            end: symbol.address() + symbol.size(),
            name: symbol.name().unwrap_or_default().to_string(),
        })
        .collect();
    functions.sort_by_key(|function| function.start);
    functions
}

fn name_of(functions: &[Function], address: u64) -> String {
    let after = functions.partition_point(|function| function.start <= address);
    let found = functions[..after].iter().rev().take(8).find(|function| address < function.end);
    found.map_or_else(|| "?".to_string(), |function| demangle(&function.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_in_the_function_around_it() {
        let function = |start, end, name: &str| Function { start, end, name: name.into() };
        let functions =
            [function(0x10, 0x20, "one"), function(0x20, 0x28, "_ZN3kit3two17h0123456789abcdefE")];
        assert_eq!(name_of(&functions, 0x1f), "one");
        assert_eq!(name_of(&functions, 0x20), "kit::two");
        assert_eq!(name_of(&functions, 0x28), "?");
        assert_eq!(name_of(&functions, 0), "?");
    }
}
