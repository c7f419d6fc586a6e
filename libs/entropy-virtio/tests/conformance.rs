//! The slot's suite, on a driver whose device takes its bytes from the host.

use kit_entropy_virtio::VirtioEntropy;
use kit_iface_entropy::{Entropy, EntropyError, conformance};
use kit_iface_irq::fake::FakeIrq;
use kit_util_host_test::HostEntropy;
use kit_util_host_test::virtio::{DeviceQueue, Model, VirtioMachine};

kit_util_host_test::bind!();

const ENTROPY: u16 = 4;

/// Fills each buffer, or only a part of it, as devices may.
struct Source {
    most_bytes: usize,
}

impl Model for Source {
    fn turn(&mut self, queues: &mut [DeviceQueue]) -> bool {
        let [queue] = queues else { panic!("one queue") };
        let Some(chain) = queue.take() else { return false };
        let mut bytes = vec![0; self.most_bytes];
        HostEntropy.fill(&mut bytes).unwrap();
        let written = chain.fill(&bytes);
        queue.give(chain, written);
        true
    }
}

#[test]
fn a_generous_and_a_stingy_device_conform() {
    static GENEROUS: VirtioMachine = VirtioMachine::new(ENTROPY, &[]);
    static STINGY: VirtioMachine = VirtioMachine::new(ENTROPY, &[]);
    static FIRST: VirtioEntropy<VirtioMachine, FakeIrq<4>> = VirtioEntropy::new(&GENEROUS, &GENEROUS.irq);
    static SECOND: VirtioEntropy<VirtioMachine, FakeIrq<4>> = VirtioEntropy::new(&STINGY, &STINGY.irq);
    GENEROUS.plug(Source { most_bytes: 4096 });
    STINGY.plug(Source { most_bytes: 3 });
    conformance::check(&FIRST);
    conformance::fills_every_byte(&SECOND);
}

#[test]
fn a_machine_without_a_device_says_so() {
    static EMPTY: VirtioMachine = VirtioMachine::new(ENTROPY, &[]);
    static SOURCE: VirtioEntropy<VirtioMachine, FakeIrq<4>> = VirtioEntropy::new(&EMPTY, &EMPTY.irq);
    assert_eq!(SOURCE.fill(&mut [0; 4]), Err(EntropyError::Absent));
}
