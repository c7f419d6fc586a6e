//! The devices that QEMU must play for what an image was composed of. Each micro-library says in its metadata which
//! words of QEMU's command line bring its own, so that the machine has what the image drives and nothing else.

use kit_menu::composition::Constant;
use kit_menu::{Resolution, Setting};

use super::Machine;

/// The words for all parts of an image, options filled in. What depends on the machine is still open.
pub fn of(resolution: &Resolution) -> Vec<String> {
    let layers = resolution.filled.iter().flat_map(|filled| filled.layers());
    let words = layers.flat_map(|layer| &layer.provides.qemu);
    words.map(|word| resolution.constants.iter().fold(word.clone(), fill)).collect()
}

fn fill(word: String, constant: &Constant) -> String {
    let place = format!("{{{}}}", constant.name);
    match &constant.value {
        // QEMU wants text without the quotes of Rust.
        Setting::Text(text) => word.replace(&place, text),
        value => word.replace(&place, &value.to_string()),
    }
}

/// The words for one machine.
pub fn in_machine(words: &[String], machine: Machine) -> Vec<String> {
    let bus = match machine {
        Machine::Microvm => "device",
        Machine::Q35 | Machine::Pc => "pci",
    };
    words.iter().map(|word| word.replace("{bus}", bus)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn virtio_is_memory_mapped_only_on_microvm() {
        let words = ["-device", "virtio-rng-{bus}"].map(String::from);
        assert_eq!(in_machine(&words, Machine::Microvm)[1], "virtio-rng-device");
        assert_eq!(in_machine(&words, Machine::Q35)[1], "virtio-rng-pci");
    }
}
