//! Where the image is in memory, by symbols of its linker script.

/// From the first byte to the end of the text, and from there to the end of the image.
pub fn ranges() -> [(usize, usize); 2] {
    unsafe extern "C" {
        safe static __executable_start: u8;
        safe static __etext: u8;
        safe static __image_end: u8;
    }
    let [start, text, end] =
        [&raw const __executable_start, &raw const __etext, &raw const __image_end].map(|at| at.addr());
    let data = text.next_multiple_of(4096);
    [(start & !4095, data), (data, end)]
}
