//! Images that are kernels: started in QEMU, whose standard streams are their console.

use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, Stdio};

use super::accel::{self, Choice};
use super::control::{Channel, Said};
use super::guest::{Ending, TIMED_OUT, Watch, code_of_signal};
use super::memory::Memory;
use super::network::Network;
use super::ports::{self, Forward};
use super::shared::Shared;
use super::stdin::Pump;
use super::{Guest, Machine, backtrace, devices, disks, encode, quote, volumes};
use crate::{Failure, Result, trace};

/// The program.
pub const PROGRAM: &str = "qemu-system-x86_64";

/// Exit code for an end that only a failing OS can come to: `EX_SOFTWARE` of sysexits.h.
const FAULT: u8 = 70;

/// Where QEMU is installed, if it is.
pub fn find() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).map(|folder| folder.join(PROGRAM)).find(|file| file.is_file())
}

/// A small firmware that QEMU brings along, for machines whose usual one takes longer than the image does to boot.
fn qboot() -> Option<PathBuf> {
    let program = find()?.canonicalize().ok()?;
    let prefix = program.parent()?.parent()?;
    ["share/qemu/qboot.rom", "share/qemu/bios-microvm.bin", "share/qboot/qboot.rom"]
        .iter()
        .map(|file| prefix.join(file))
        .find(|file| file.is_file())
}

/// Boots the image and returns its exit code.
pub fn run(mut guest: Guest, is_dry: bool) -> Result<u8> {
    let memory = guest.memory.unwrap_or(Memory::DEFAULT);
    if memory.0 <= guest.built.facts.end {
        return Err(Failure::failed(format!(
            "{memory} of memory is too little: the image alone ends at {}; try -m {}",
            Memory(guest.built.facts.end),
            Memory((guest.built.facts.end.next_multiple_of(1 << 20)) + (2 << 20))
        )));
    }
    if !guest.built.facts.uses_network && !guest.forwards.is_empty() {
        eprintln!("kit: {} uses no network: no port is forwarded", guest.name);
        guest.forwards.clear();
    }
    let was_asked_for = !guest.forwards.is_empty();
    guest.forwards = forwards(&guest, is_dry)?;
    // A port that nobody asked for may be another one.
    let may_move = !was_asked_for && !guest.forwards.is_empty();
    if is_dry {
        let choice = accel::choose(guest.accel, guest.is_verbose)?;
        let words = command_line(&guest, memory, choice, "null,id=control", None);
        println!("{PROGRAM} {}", words.iter().map(|word| quote(word)).collect::<Vec<_>>().join(" "));
        return Ok(0);
    }
    let mut choice = accel::choose(guest.accel, guest.is_verbose)?;
    announce(&guest.forwards);
    let watch = Watch::new(guest.timeout)?;
    let pump = Pump::default();
    loop {
        let may_fall_back = choice == Choice::Kvm { may_fall_back: true };
        let mut channel = Channel::new()?;
        let control = format!("file,id=control,path=/proc/self/fd/{}", channel.descriptor());
        let shared = guest.trace.as_ref().map(|_| Shared::with_machine(memory.0)).transpose()?;
        let mut command = Command::new(PROGRAM);
        command.args(command_line(&guest, memory, choice, &control, shared.as_ref()));
        // A terminal's Ctrl-C is for kit, which then ends the guest.
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let feed = |stdin: Option<ChildStdin>| {
            if let Some(stdin) = stdin {
                pump.feed(stdin, may_fall_back || may_move);
            }
        };
        let (ending, complaints) = watch.run(&mut command, PROGRAM, |child| feed(child.stdin.take()))?;
        let said = channel.read();
        if may_fall_back && said.exit.is_none() && complaints.to_lowercase().contains("kvm") {
            let why = complaints.lines().find(|line| line.to_lowercase().contains("kvm"));
            accel::condemn(why.unwrap_or(&complaints));
            choice = Choice::Tcg;
            continue;
        }
        if let Some(forward) = guest.forwards.iter().find(|forward| forward.is_refused_by(&complaints)) {
            if !may_move {
                return Err(forward.refused("it was taken a moment ago"));
            }
            guest.forwards.clear();
            guest.forwards = forwards(&guest, is_dry)?;
            announce(&guest.forwards);
            continue;
        }
        let code = conclude(&said, ending, &complaints, &guest.built.symbols)?;
        if let (Some(file), Some(shared)) = (&guest.trace, &shared) {
            trace::write(&guest, &said, shared, file)?;
        }
        return Ok(code);
    }
}

/// Where the app can be reached.
fn announce(forwards: &[Forward]) {
    for forward in forwards.iter().filter(|forward| !forward.is_udp) {
        eprintln!("kit: http://127.0.0.1:{}", forward.host);
    }
}

fn conclude(said: &Said, ending: Ending, complaints: &str, symbols: &Path) -> Result<u8> {
    for fault in &said.faults {
        eprintln!("kit: {}", backtrace::report(fault, symbols));
    }
    match (said.exit, ending) {
        (Some(code), _) => Ok(code),
        (None, Ending::TimedOut) => Ok(TIMED_OUT),
        (None, Ending::Interrupted(signal)) => Ok(code_of_signal(signal)),
        (None, Ending::Complained(line)) => {
            Err(Failure::failed(format!("KVM gave up: {line}; use --accel tcg")))
        }
        (None, Ending::Exited(status)) if status.success() => {
            eprintln!(
                "kit: the machine was reset before the image had ended: a fault that nothing could handle"
            );
            Ok(FAULT)
        }
        (None, Ending::Exited(status)) => {
            Err(Failure::failed(format!("{PROGRAM} ended with {status}:\n{}", complaints.trim_end())))
        }
    }
}

/// The ports that were asked for, or the usual one for an app that listens; each free at this moment.
fn forwards(guest: &Guest, is_dry: bool) -> Result<Vec<Forward>> {
    if guest.forwards.is_empty() && guest.built.facts.listens && !is_dry {
        return Ok(ports::usual(ports::wanted(guest.env.get("PORT"))).into_iter().collect());
    }
    guest.forwards.iter().map(|forward| if is_dry { Ok(*forward) } else { forward.claimed() }).collect()
}

/// The arguments of QEMU.
fn command_line(
    guest: &Guest,
    memory: Memory,
    choice: Choice,
    control: &str,
    shared: Option<&Shared>,
) -> Vec<String> {
    let machine = match guest.machine {
        Machine::Microvm => {
            "microvm,acpi=off,x-option-roms=off,pit=off,pic=off,rtc=on,auto-kernel-cmdline=on"
        }
        Machine::Q35 => "q35",
        Machine::Pc => "pc",
    };
    let accel = if choice == Choice::Tcg { "tcg" } else { "kvm" };
    let mut words: Vec<String> = ["-accel", accel, "-cpu", "max", "-M", machine].map(String::from).into();
    if let (Machine::Q35 | Machine::Pc, Some(firmware)) = (guest.machine, qboot()) {
        words.extend(["-bios".into(), firmware.display().to_string()]);
    }
    words.extend(["-m".into(), memory.to_string()]);
    if let Some(shared) = shared {
        words.extend(shared.backend());
        words.extend(["-machine".into(), "memory-backend=ram".into()]);
    }
    if guest.cpus > 1 {
        words.extend(["-smp".into(), guest.cpus.to_string()]);
    }
    words.extend(["-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"].map(String::from));
    words.extend(["-global", "virtio-mmio.force-legacy=false"].map(String::from));
    words.extend(devices::in_machine(&guest.built.facts.devices, guest.machine));
    words.extend(["-device", "isa-debug-exit,iobase=0xf4,iosize=4"].map(String::from));
    words.extend(
        ["-chardev", control, "-device", "isa-debugcon,iobase=0xe9,chardev=control"].map(String::from),
    );
    if let Some(record) = &guest.record {
        // A comma in a value is written twice.
        let path = record.display().to_string().replace(',', ",,");
        words.extend(["-chardev".into(), format!("file,id=record,path={path}")]);
        words.extend(["-device", "isa-debugcon,iobase=0xea,chardev=record"].map(String::from));
    }
    let mut settings = Vec::new();
    if guest.built.facts.uses_network {
        let network = Network::around(guest.address.as_deref());
        settings = network.settings();
        let card = match guest.machine {
            Machine::Microvm => "virtio-net-device,netdev=n0",
            Machine::Q35 | Machine::Pc => "virtio-net-pci,netdev=n0,romfile=",
        };
        words.extend(["-netdev".into(), network.device(&guest.forwards), "-device".into(), card.into()]);
    }
    words.extend(disks::devices(&guest.disks, guest.machine));
    words.extend(volumes::devices(&guest.shares, guest.machine));
    settings.extend(guest.settings.iter().cloned());
    words.extend(["-kernel".into(), guest.built.image.display().to_string(), "-append".into()]);
    words.push(encode::command_line(&guest.name, &guest.arguments, &guest.env, &settings));
    words
}
