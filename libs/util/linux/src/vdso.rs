//! The vDSO: kernel code that is mapped into every process and reads clocks without a system call.
//!
//! It is a small ELF object (vdso(7)) whose address is in the auxiliary vector. Its functions are found by name
//! through the dynamic section, as a dynamic linker would (System V gABI, chapter 5; the GNU hash section is
//! described in binutils' `bfd/elflink.c`).

use core::ffi::{CStr, c_char};
use core::ptr::null;

/// Entry of the auxiliary vector with the object's address.
pub const AT_SYSINFO_EHDR: usize = 33;

const PT_LOAD: u32 = 1;
const PT_DYNAMIC: u32 = 2;
const DT_STRTAB: u64 = 5;
const DT_SYMTAB: u64 = 6;
const DT_GNU_HASH: u64 = 0x6fff_fef5;

#[repr(C)]
struct ProgramHeader {
    kind: u32,
    _flags: u32,
    offset: u64,
    address: u64,
    _rest: [u64; 4],
}

#[repr(C)]
struct Symbol {
    name: u32,
    _info: [u8; 2],
    section: u16,
    value: u64,
    _size: u64,
}

/// The address of a function of the object.
///
/// # Safety
/// `object` is the address that the kernel gave for the vDSO of this process.
pub unsafe fn find_function(object: usize, name: &CStr) -> Option<usize> {
    let object = object as *const u8;
    // SAFETY: the caller says that this is the kernel's ELF object, mapped whole; every pointer below is one
    // that the object's own tables give.
    unsafe {
        // Elf64_Ehdr: e_phoff at 32, e_phentsize at 54, e_phnum at 56.
        let headers = object.add(*object.add(32).cast::<u64>() as usize);
        let (size, count) = (*object.add(54).cast::<u16>(), *object.add(56).cast::<u16>());
        let (mut bias, mut dynamic) = (None, null::<[u64; 2]>());
        for i in 0..usize::from(count) {
            let header = &*headers.add(i * usize::from(size)).cast::<ProgramHeader>();
            match header.kind {
                PT_LOAD if bias.is_none() => bias = Some(object.sub(header.address as usize)),
                PT_DYNAMIC => dynamic = object.add(header.offset as usize).cast(),
                _ => {}
            }
        }
        let bias = bias?;
        if dynamic.is_null() {
            return None;
        }
        let (mut strings, mut symbols, mut hash) = (null::<c_char>(), null::<Symbol>(), null::<u32>());
        while (*dynamic)[0] != 0 {
            let [tag, value] = *dynamic;
            let address = bias.add(value as usize);
            match tag {
                DT_STRTAB => strings = address.cast(),
                DT_SYMTAB => symbols = address.cast(),
                DT_GNU_HASH => hash = address.cast(),
                _ => {}
            }
            dynamic = dynamic.add(1);
        }
        if strings.is_null() || symbols.is_null() || hash.is_null() {
            return None;
        }
        // Header, then a Bloom filter of 64-bit words, which is not worth asking for one name, the buckets, and
        // the chains.
        let [bucket_count, first_hashed, filter_words, _shift] = *hash.cast::<[u32; 4]>();
        let buckets = hash.add(4 + 2 * filter_words as usize);
        let chains = buckets.add(bucket_count as usize);
        let wanted = gnu_hash(name.to_bytes());
        let mut index = *buckets.add((wanted % bucket_count) as usize);
        if index < first_hashed {
            return None;
        }
        loop {
            // The lowest bit of a chain's word marks its end.
            let entry = *chains.add((index - first_hashed) as usize);
            let symbol = &*symbols.add(index as usize);
            let is_it = entry | 1 == wanted | 1
                && symbol.section != 0
                && CStr::from_ptr(strings.add(symbol.name as usize)) == name;
            if is_it {
                return Some(bias.add(symbol.value as usize) as usize);
            }
            if entry & 1 != 0 {
                return None;
            }
            index += 1;
        }
    }
}

fn gnu_hash(name: &[u8]) -> u32 {
    name.iter().fold(5381, |hash: u32, byte| hash.wrapping_mul(33).wrapping_add(u32::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    unsafe extern "C" {
        safe fn getauxval(kind: usize) -> usize;
    }

    #[test]
    fn the_clock_function_reads_the_clock() {
        let object = getauxval(AT_SYSINFO_EHDR);
        // A kernel without vDSO has nothing to look into.
        if object == 0 {
            return;
        }
        // SAFETY: the address comes from the kernel.
        let function = unsafe { find_function(object, c"__vdso_clock_gettime") }.unwrap();
        // SAFETY: vdso(7) gives this signature.
        let function: extern "C" fn(i32, &mut [u64; 2]) -> i32 = unsafe { core::mem::transmute(function) };
        let mut time = [0; 2];
        assert_eq!(function(libc::CLOCK_MONOTONIC, &mut time), 0);
        let now = crate::clock_ns(crate::ClockId::Monotonic);
        let then = time[0] * 1_000_000_000 + time[1];
        assert!(then <= now && now - then < 1_000_000_000);
        // SAFETY: as above.
        assert_eq!(unsafe { find_function(object, c"__vdso_no_such_function") }, None);
    }
}
