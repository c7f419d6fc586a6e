//! Descriptor tables, bit for bit (SDM volume 3, 3.4.5, 6.14.1 and 7.7).

/// Selector of the 64-bit code segment. The platform's entry code loads a table with the same numbers.
pub(crate) const CODE_SELECTOR: u16 = 8;
/// Selector of the task state.
pub(crate) const TASK_SELECTOR: u16 = 24;

/// Ring-0, 64-bit code.
pub(crate) const CODE_SEGMENT: u64 = 0x00af_9b00_0000_ffff;
/// Ring-0 data.
pub(crate) const DATA_SEGMENT: u64 = 0x00cf_9300_0000_ffff;

/// The 64-bit task state: the stacks that gates name, one to seven. The first field of it lies four bytes
/// before a multiple of eight, so that the stack pointers are aligned (see [`crate::Cpu`]).
#[repr(C, packed(4))]
pub(crate) struct TaskState {
    reserved0: u32,
    privilege_stacks: [u64; 3],
    reserved1: u64,
    pub(crate) interrupt_stacks: [u64; 7],
    reserved2: u64,
    reserved3: u16,
    io_map: u16,
}

impl TaskState {
    pub(crate) const BYTES: usize = size_of::<Self>();

    /// No stacks, no I/O permissions.
    pub(crate) const fn new() -> Self {
        Self {
            reserved0: 0,
            privilege_stacks: [0; 3],
            reserved1: 0,
            interrupt_stacks: [0; 7],
            reserved2: 0,
            reserved3: 0,
            io_map: Self::BYTES as u16,
        }
    }
}

/// The two words that describe a task state at `address`.
pub(crate) const fn task_segment(address: u64) -> [u64; 2] {
    const AVAILABLE_TSS: u64 = 0x89 << 40;
    let limit = TaskState::BYTES as u64 - 1;
    [limit | (address & 0xff_ffff) << 16 | AVAILABLE_TSS | (address >> 24 & 0xff) << 56, address >> 32]
}

/// The two words of an interrupt gate (interrupts masked on entry) to `address` on interrupt stack `stack`.
pub(crate) const fn gate(address: u64, stack: u64) -> [u64; 2] {
    const INTERRUPT_GATE: u64 = 0x8e << 40;
    [
        address & 0xffff
            | (CODE_SELECTOR as u64) << 16
            | stack << 32
            | INTERRUPT_GATE
            | (address >> 16 & 0xffff) << 48,
        address >> 32,
    ]
}

/// What LGDT and LIDT read.
#[repr(C, packed)]
pub(crate) struct TablePointer {
    pub(crate) limit: u16,
    pub(crate) base: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gate_scatters_the_address() {
        let [low, high] = gate(0x1122_3344_5566_7788, 3);
        assert_eq!(low, 0x5566_8e03_0008_7788);
        assert_eq!(high, 0x1122_3344);
    }

    #[test]
    fn task_segment_scatters_the_address() {
        let [low, high] = task_segment(0x1122_3344_5566_7788);
        assert_eq!(low, 0x5500_8966_7788_0067);
        assert_eq!(high, 0x1122_3344);
    }
}
