//! What is in the files, in the formats of proc(5).

use crate::image;
use crate::window::Window;
use core::fmt::{Result, Write};
use kit_iface_frames::{FRAME_BYTES, Frames};
use kit_iface_platform::Platform;
use kit_util_cmdline::{Text, Token, tokens};

/// A file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum File {
    /// Processors.
    Cpuinfo,
    /// How many threads were ready to run: nobody counts.
    Loadavg,
    /// Memory of the machine.
    Meminfo,
    /// Seconds since the start, and how many of them nothing ran.
    Uptime,
    /// Control groups: there is the root's.
    Cgroup,
    /// The program's arguments.
    Cmdline,
    /// Ranges of memory.
    Maps,
    /// What is mounted, in detail.
    Mountinfo,
    /// What is mounted, as in fstab(5).
    Mounts,
    /// The process for people to read.
    Status,
}

/// Where facts come from.
pub struct Facts<P: Platform, F: Frames> {
    /// The command line.
    pub platform: &'static P,
    /// The machine's memory.
    pub frames: &'static F,
    /// Place, type and whether it is only read.
    pub mounts: &'static [(&'static str, &'static str, bool)],
}

impl<P: Platform, F: Frames> Facts<P, F> {
    /// Writes a file.
    pub fn write(&self, file: File, out: &mut Window) -> Result {
        match file {
            File::Cpuinfo => cpuinfo(out),
            File::Loadavg => out.write_str("0.00 0.00 0.00 1/1 1\n"),
            File::Meminfo => self.meminfo(out),
            File::Uptime => {
                let hundredths = kit_iface_clock::monotonic_ns() / 10_000_000;
                writeln!(out, "{}.{:02} 0.00", hundredths / 100, hundredths % 100)
            }
            File::Cgroup => out.write_str("0::/\n"),
            File::Cmdline => {
                self.arguments().for_each(|argument| {
                    argument.bytes().for_each(|byte| out.write(&[byte]));
                    out.write(&[0]);
                });
                Ok(())
            }
            File::Maps => self.maps(out),
            File::Mountinfo => {
                self.mounts.iter().enumerate().try_for_each(|(index, (at, kind, is_fixed))| {
                    let (number, flag) = (index + 1, flag(*is_fixed));
                    writeln!(
                        out,
                        "{number} {} 0:{number} / {at} {flag} - {kind} none {flag}",
                        usize::from(index > 0)
                    )
                })
            }
            File::Mounts => self.mounts.iter().try_for_each(|(at, kind, is_fixed)| {
                writeln!(out, "none {at} {kind} {} 0 0", flag(*is_fixed))
            }),
            File::Status => self.status(out),
        }
    }

    /// Writes the path of the program from an offset on: how many bytes fit, and its whole length.
    pub fn program(&self, offset: u64, buffer: &mut [u8]) -> (usize, u64) {
        let mut window = Window::at(offset, buffer);
        let mut length = 0;
        let mut write = |byte| {
            window.write(&[byte]);
            length += 1;
        };
        if self.name().next() != Some(b'/') {
            write(b'/');
        }
        self.name().for_each(&mut write);
        (window.filled(), length)
    }

    fn arguments(&self) -> impl Iterator<Item = Text<'static>> {
        tokens(self.platform.command_line()).filter_map(|token| match token {
            Token::Argument(text) => Some(text),
            _ => None,
        })
    }

    /// The program's own name.
    fn name(&self) -> impl Iterator<Item = u8> + Clone {
        self.arguments().next().into_iter().flat_map(Text::bytes)
    }

    fn kib(&self) -> (usize, usize) {
        let usage = self.frames.usage();
        (usage.total * FRAME_BYTES / 1024, usage.free * FRAME_BYTES / 1024)
    }

    fn meminfo(&self, out: &mut Window) -> Result {
        let (total, free) = self.kib();
        for (name, kib) in [
            ("MemTotal:", total),
            ("MemFree:", free),
            ("MemAvailable:", free),
            ("Buffers:", 0),
            ("Cached:", 0),
            ("SwapCached:", 0),
            ("SwapTotal:", 0),
            ("SwapFree:", 0),
            ("Shmem:", 0),
            ("SReclaimable:", 0),
        ] {
            writeln!(out, "{name:<15}{kib:>9} kB")?;
        }
        Ok(())
    }

    fn maps(&self, out: &mut Window) -> Result {
        for ((start, end), rights) in image::ranges().into_iter().zip(["r-xp", "rw-p"]) {
            write!(out, "{start:08x}-{end:08x} {rights} 00000000 00:01 1 {:26}", "")?;
            out.write(b"/");
            self.name().filter(|byte| *byte != b'/').for_each(|byte| out.write(&[byte]));
            out.write(b"\n");
        }
        Ok(())
    }

    fn status(&self, out: &mut Window) -> Result {
        let (total, free) = self.kib();
        out.write_str("Name:\t")?;
        self.name().take(15).for_each(|byte| out.write(&[byte]));
        let used = total.saturating_sub(free);
        writeln!(
            out,
            "\nUmask:\t0022\nState:\tR (running)\nTgid:\t1\nPid:\t1\nPPid:\t0\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\n\
             VmPeak:\t{used:>8} kB\nVmSize:\t{used:>8} kB\nVmHWM:\t{used:>8} kB\nVmRSS:\t{used:>8} kB\n\
             Cpus_allowed:\t1\nCpus_allowed_list:\t0"
        )
    }
}

fn flag(is_fixed: bool) -> &'static str {
    if is_fixed { "ro" } else { "rw" }
}

/// One processor runs the image. What it is it says itself (Intel SDM, volume 2, CPUID).
#[cfg(target_arch = "x86_64")]
fn cpuinfo(out: &mut Window) -> Result {
    use core::arch::x86_64::__cpuid;
    fn text(out: &mut Window, registers: &[u32]) {
        let bytes = registers.iter().flat_map(|register| register.to_le_bytes());
        bytes.filter(|byte| matches!(byte, b' '..=b'~')).for_each(|byte| out.write(&[byte]));
    }
    let (basic, version) = (__cpuid(0), __cpuid(1).eax);
    let family = (version >> 8 & 15) + if version >> 8 & 15 == 15 { version >> 20 & 255 } else { 0 };
    let model = (version >> 4 & 15) | (version >> 12 & 0xf0);
    out.write_str("processor\t: 0\nvendor_id\t: ")?;
    text(out, &[basic.ebx, basic.edx, basic.ecx]);
    write!(out, "\ncpu family\t: {family}\nmodel\t\t: {model}\nmodel name\t: ")?;
    if __cpuid(0x8000_0000).eax >= 0x8000_0004 {
        for leaf in 0x8000_0002..=0x8000_0004u32 {
            let part = __cpuid(leaf);
            text(out, &[part.eax, part.ebx, part.ecx, part.edx]);
        }
    }
    writeln!(
        out,
        "\nstepping\t: {}\nphysical id\t: 0\nsiblings\t: 1\ncore id\t\t: 0\ncpu cores\t: 1\n",
        version & 15
    )
}

/// One processor runs the image.
#[cfg(not(target_arch = "x86_64"))]
fn cpuinfo(out: &mut Window) -> Result {
    out.write_str("processor\t: 0\n\n")
}
