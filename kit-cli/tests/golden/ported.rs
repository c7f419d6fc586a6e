//! The OS of an image on kvm (x86_64), composed by kit from the app's kit.toml and the defaults.
//!
//! One type for each slot, one static for each that has state, and the boot order as lines of code. `kit build`
//! writes this file when the choice changes, so change kit.toml and not this.
#![no_std]

/// Options that are values, from the Kconfig of each micro-library.
#[allow(dead_code, reason = "a micro-library has more options than one image uses")]
mod cfg {
    pub const FS_LOG: bool = true; // menu
    pub const NETDEV_FAULT: bool = false; // menu
    pub const NETDEV_PCAP: bool = false; // menu
    pub const OPTIMIZE_SPEED: bool = false; // menu
    pub const BACKTRACE_TEXT: bool = false; // menu
    pub const PANIC_TEXT: bool = false; // menu
    pub const MAIN_STACK_KIB: u32 = 8192; // fixture/libs/posix-shim
}

type Arch = kit_arch_x86_64::X86_64;                                 // PLATFORM_KVM  fixture/platforms/kvm
type Platform = kit_platform_kvm::Kvm;                               // PLATFORM_KVM  fixture/platforms/kvm
type Frames = kit_frames_runs::Runs;                                 // FRAMES_RUNS  libs/fixture-frames-runs
type Heap = kit_alloc_buddy::Buddy<Frames>;                          // ALLOC_BUDDY  libs/fixture-alloc-buddy
type Fs = kit_fs_ram::RamFs;                                         // FS_RAM  libs/fixture-fs-ram
type Nic = kit_netdev_virtio::VirtioNet<Platform>;                   // NETDEV_VIRTIO  libs/fixture-netdev-virtio
type Net = kit_net_smoltcp::Stack<Nic>;                              // NET_SMOLTCP  libs/fixture-net-smoltcp
type Sched = kit_sched_coop::Coop;                                   // SCHED_COOP  libs/fixture-sched-coop

static PLATFORM: Platform = Platform::new();
static FRAMES: Frames = Frames::new();
static HEAP: Heap = Heap::new(&FRAMES);
static FS: Fs = Fs::new();
static NIC: Nic = Nic::new(&PLATFORM);
static NET: Net = Net::new(&NIC);
static THREADS: kit_util_threads::Core<Image> = kit_util_threads::Core::new(Sched::new());

// Ambient services: bound once, only here.
kit_iface_platform::use_fatal!(PLATFORM);
kit_iface_alloc::use_heap!(HEAP);
kit_iface_sched::use_threads!(THREADS);
kit_util_threads::use_hooks!(THREADS);

/// This image as one type, for code that is generic over what was chosen.
struct Image;
impl kit_iface_image::Image for Image {
    type Arch = Arch;
    type Platform = Platform;
    type Frames = Frames;
    type Sched = Sched;
    fn platform() -> &'static Platform {
        &PLATFORM
    }
    fn frames() -> &'static Frames {
        &FRAMES
    }
}
impl kit_iface_image::WithFs for Image {
    type Fs = Fs;
    fn fs() -> &'static Fs {
        &FS
    }
}
impl kit_iface_image::WithNet for Image {
    type Net = Net;
    fn net() -> &'static Net {
        &NET
    }
}
impl kit_util_threads::HasThreads for Image {
    fn threads() -> &'static kit_util_threads::Core<Self> {
        &THREADS
    }
}

/// A panic of the OS: says so and ends the image; `kit run` adds the backtrace.
#[panic_handler]
fn panic(_info: &core::panic::PanicInfo) -> ! {
    // To look at the message would put core::fmt into every image.
    kit_iface_console::log_str("kit: panic in the OS (PANIC_TEXT = true in [config] tells why)\n");
    kit_iface_platform::fatal("panic")
}

// The C names that the program links against.
kit_posix_shim::export!(Image);
kit_posix_shim::export_sockets!(Image);

/// Stands in for std's printer of backtraces unless BACKTRACE_TEXT is set: prints nothing, successfully.
#[unsafe(no_mangle)]
extern "C" fn kit_no_backtrace_text() -> bool {
    false
}

/// The boot order. The platform's entry code comes here as soon as Rust can run.
#[unsafe(no_mangle)]
extern "C" fn kit_root() -> ! {
    kit_iface_platform::Platform::start(&PLATFORM, &FRAMES); // memory, page tables, traps
    kit_util_threads::start(&THREADS); // this path becomes the idle thread
    kit_posix_shim::start::<Image>(cfg::MAIN_STACK_KIB) // the first thread: arguments, environment, main
}
