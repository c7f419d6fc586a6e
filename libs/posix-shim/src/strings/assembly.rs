//! `memcpy` and its kin for x86-64, in assembly: the compiler makes calls of these out of loops that do the same.
//!
//! Written for few instructions at the sizes that programs copy (a `rep movs` counts one per step under an
//! emulator, and costs dozens of cycles to start on hardware): two overlapping accesses up to 32 bytes, 16-byte
//! moves above, four at a time from 64 on. Small sizes are not aligned first: unaligned SSE accesses cost nothing
//! extra within a cache line (Intel 64 and IA-32 Architectures Optimization Reference Manual, 3.7.6).
//!
//! The texts are macros, so that the composed root can define them under their C names and a host test under
//! others.

/// `memmove(rdi = to, rsi = from, rdx = bytes)`, and thereby `memcpy`.
#[macro_export]
macro_rules! copy_text {
    () => {
        "
        mov rax, rdi
        cmp rdx, 16
        jb 20f
        movups xmm0, [rsi]
        movups xmm4, [rsi + rdx - 16]
        cmp rdx, 32
        ja 30f
        movups [rdi], xmm0
        movups [rdi + rdx - 16], xmm4
        ret

    20: // 0 to 15 bytes
        cmp edx, 8
        jae 21f
        cmp edx, 4
        jae 22f
        cmp edx, 1
        jb 29f
        movzx ecx, byte ptr [rsi]
        je 23f
        movzx r8d, word ptr [rsi + rdx - 2]
        mov word ptr [rdi + rdx - 2], r8w
    23: mov byte ptr [rdi], cl
    29: ret
    21: mov rcx, [rsi]
        mov r8, [rsi + rdx - 8]
        mov [rdi], rcx
        mov [rdi + rdx - 8], r8
        ret
    22: mov ecx, [rsi]
        mov r8d, [rsi + rdx - 4]
        mov [rdi], ecx
        mov [rdi + rdx - 4], r8d
        ret

    30: // more than 32: the last (or, backwards, the first) 16 bytes were read before anything is overwritten
        mov rcx, rdi
        sub rcx, rsi
        cmp rcx, rdx
        jb 50f
        lea r9, [rdi + rdx - 16]
        sub rdx, 16
        cmp rdx, 64
        jb 33f
    32: movups xmm0, [rsi]
        movups xmm1, [rsi + 16]
        movups xmm2, [rsi + 32]
        movups xmm3, [rsi + 48]
        movups [rdi], xmm0
        movups [rdi + 16], xmm1
        movups [rdi + 32], xmm2
        movups [rdi + 48], xmm3
        add rsi, 64
        add rdi, 64
        sub rdx, 64
        cmp rdx, 64
        jae 32b
        test rdx, rdx
        jz 35f
    33: movups xmm0, [rsi]
        movups [rdi], xmm0
        add rsi, 16
        add rdi, 16
        sub rdx, 16
        ja 33b
    35: movups [r9], xmm4
        ret

    50: // the target begins inside of the source: from the end, rdx = bytes that lie above the first 16
        movups xmm4, [rsi]
        sub rdx, 16
        cmp rdx, 64
        jb 53f
    52: movups xmm0, [rsi + rdx]
        movups xmm1, [rsi + rdx - 16]
        movups xmm2, [rsi + rdx - 32]
        movups xmm3, [rsi + rdx - 48]
        movups [rdi + rdx], xmm0
        movups [rdi + rdx - 16], xmm1
        movups [rdi + rdx - 32], xmm2
        movups [rdi + rdx - 48], xmm3
        sub rdx, 64
        cmp rdx, 64
        jae 52b
        test rdx, rdx
        jz 55f
    53: movups xmm0, [rsi + rdx]
        movups [rdi + rdx], xmm0
        sub rdx, 16
        ja 53b
    55: movups [rdi], xmm4
        ret
        "
    };
}

/// `memset(rdi = to, esi = byte, rdx = bytes)`.
#[macro_export]
macro_rules! fill_text {
    () => {
        "
        mov rax, rdi
        movzx esi, sil
        mov rcx, 0x0101010101010101
        imul rcx, rsi
        cmp rdx, 16
        jb 20f
        movq xmm0, rcx
        punpcklqdq xmm0, xmm0
        movups [rdi], xmm0
        movups [rdi + rdx - 16], xmm0
        cmp rdx, 32
        jbe 29f
        lea r8, [rdi + rdx - 16] // the ends are done: what is left lies between rdi and r8
        add rdi, 16
        and rdi, -16
        lea r9, [rdi + 64]
        cmp r9, r8
        ja 33f
    32: movaps [rdi], xmm0
        movaps [rdi + 16], xmm0
        movaps [rdi + 32], xmm0
        movaps [rdi + 48], xmm0
        add rdi, 64
        add r9, 64
        cmp r9, r8
        jbe 32b
    33: cmp rdi, r8
        jae 29f
        movaps [rdi], xmm0
        add rdi, 16
        jmp 33b

    20: // 0 to 15 bytes
        cmp edx, 8
        jae 21f
        cmp edx, 4
        jae 22f
        cmp edx, 1
        jb 29f
        mov byte ptr [rdi], cl
        je 29f
        mov word ptr [rdi + rdx - 2], cx
    29: ret
    21: mov [rdi], rcx
        mov [rdi + rdx - 8], rcx
        ret
    22: mov [rdi], ecx
        mov [rdi + rdx - 4], ecx
        ret
        "
    };
}

/// `memcmp(rdi = a, rsi = b, rdx = bytes)`, and thereby `bcmp`.
#[macro_export]
macro_rules! compare_text {
    () => {
        "
        xor eax, eax
        cmp rdx, 16
        jb 20f
    11: movups xmm0, [rdi]
        movups xmm1, [rsi]
        pcmpeqb xmm0, xmm1
        pmovmskb ecx, xmm0
        xor ecx, 0xffff
        jnz 18f
        add rdi, 16
        add rsi, 16
        sub rdx, 16
        cmp rdx, 16
        jae 11b
        test rdx, rdx
        jz 29f
        lea rdi, [rdi + rdx - 16] // the last 16 bytes, some of them once more
        lea rsi, [rsi + rdx - 16]
        mov edx, 16
        jmp 11b
    18: bsf ecx, ecx
        movzx eax, byte ptr [rdi + rcx]
        movzx edx, byte ptr [rsi + rcx]
        sub eax, edx
        ret

    20: // 0 to 15 bytes
        cmp edx, 8
        jb 24f
        mov rcx, [rdi]
        mov r8, [rsi]
        cmp rcx, r8
        jne 27f
        mov rcx, [rdi + rdx - 8]
        mov r8, [rsi + rdx - 8]
        cmp rcx, r8
        jne 27f
        ret
    24: cmp edx, 4
        jb 25f
        mov ecx, [rdi]
        mov r8d, [rsi]
        cmp ecx, r8d
        jne 26f
        mov ecx, [rdi + rdx - 4]
        mov r8d, [rsi + rdx - 4]
        cmp ecx, r8d
        jne 26f
        ret
    25: test edx, edx
        jz 29f
        movzx eax, byte ptr [rdi]
        movzx ecx, byte ptr [rsi]
        inc rdi
        inc rsi
        dec edx
        sub eax, ecx
        jz 25b
    29: ret
    26: bswap ecx
        bswap r8d
        cmp ecx, r8d
        jmp 28f
    27: bswap rcx
        bswap r8
        cmp rcx, r8
    28: sbb eax, eax
        or eax, 1
        ret
        "
    };
}

/// `strlen(rdi = string)`: aligned 16 bytes at a time, so that no read crosses into a page that the string is not
/// in.
#[macro_export]
macro_rules! length_text {
    () => {
        "
        pxor xmm1, xmm1
        mov rax, rdi
        mov ecx, edi
        and rax, -16
        and ecx, 15
        movdqa xmm0, [rax]
        pcmpeqb xmm0, xmm1
        pmovmskb edx, xmm0
        shr edx, cl
        test edx, edx
        jnz 2f
    1:  add rax, 16
        movdqa xmm0, [rax]
        pcmpeqb xmm0, xmm1
        pmovmskb edx, xmm0
        test edx, edx
        jz 1b
        bsf edx, edx
        sub rax, rdi
        add rax, rdx
        ret
    2:  bsf eax, edx
        ret
        "
    };
}
