//! The functions of `<math.h>` that `f32` and `f64` methods lower to, from the crate `libm` (musl's, in Rust).

/// Exports the group `math`.
#[macro_export]
macro_rules! export_math {
    ($image:ty) => {
        $crate::c_names! {
            fn acos(x: f64) -> f64 = $crate::libm::acos;
            fn acosf(x: f32) -> f32 = $crate::libm::acosf;
            fn acosh(x: f64) -> f64 = $crate::libm::acosh;
            fn acoshf(x: f32) -> f32 = $crate::libm::acoshf;
            fn asin(x: f64) -> f64 = $crate::libm::asin;
            fn asinf(x: f32) -> f32 = $crate::libm::asinf;
            fn asinh(x: f64) -> f64 = $crate::libm::asinh;
            fn asinhf(x: f32) -> f32 = $crate::libm::asinhf;
            fn atan(x: f64) -> f64 = $crate::libm::atan;
            fn atanf(x: f32) -> f32 = $crate::libm::atanf;
            fn atan2(y: f64, x: f64) -> f64 = $crate::libm::atan2;
            fn atan2f(y: f32, x: f32) -> f32 = $crate::libm::atan2f;
            fn atanh(x: f64) -> f64 = $crate::libm::atanh;
            fn atanhf(x: f32) -> f32 = $crate::libm::atanhf;
            fn cbrt(x: f64) -> f64 = $crate::libm::cbrt;
            fn cbrtf(x: f32) -> f32 = $crate::libm::cbrtf;
            fn ceil(x: f64) -> f64 = $crate::libm::ceil;
            fn ceilf(x: f32) -> f32 = $crate::libm::ceilf;
            fn copysign(x: f64, y: f64) -> f64 = $crate::libm::copysign;
            fn copysignf(x: f32, y: f32) -> f32 = $crate::libm::copysignf;
            fn cos(x: f64) -> f64 = $crate::libm::cos;
            fn cosf(x: f32) -> f32 = $crate::libm::cosf;
            fn cosh(x: f64) -> f64 = $crate::libm::cosh;
            fn coshf(x: f32) -> f32 = $crate::libm::coshf;
            fn erf(x: f64) -> f64 = $crate::libm::erf;
            fn erff(x: f32) -> f32 = $crate::libm::erff;
            fn erfc(x: f64) -> f64 = $crate::libm::erfc;
            fn erfcf(x: f32) -> f32 = $crate::libm::erfcf;
            fn exp(x: f64) -> f64 = $crate::libm::exp;
            fn expf(x: f32) -> f32 = $crate::libm::expf;
            fn exp2(x: f64) -> f64 = $crate::libm::exp2;
            fn exp2f(x: f32) -> f32 = $crate::libm::exp2f;
            fn exp10(x: f64) -> f64 = $crate::libm::exp10;
            fn exp10f(x: f32) -> f32 = $crate::libm::exp10f;
            fn expm1(x: f64) -> f64 = $crate::libm::expm1;
            fn expm1f(x: f32) -> f32 = $crate::libm::expm1f;
            fn fabs(x: f64) -> f64 = $crate::libm::fabs;
            fn fabsf(x: f32) -> f32 = $crate::libm::fabsf;
            fn fdim(x: f64, y: f64) -> f64 = $crate::libm::fdim;
            fn fdimf(x: f32, y: f32) -> f32 = $crate::libm::fdimf;
            fn floor(x: f64) -> f64 = $crate::libm::floor;
            fn floorf(x: f32) -> f32 = $crate::libm::floorf;
            fn fma(x: f64, y: f64, z: f64) -> f64 = $crate::libm::fma;
            fn fmaf(x: f32, y: f32, z: f32) -> f32 = $crate::libm::fmaf;
            fn fmax(x: f64, y: f64) -> f64 = $crate::libm::fmax;
            fn fmaxf(x: f32, y: f32) -> f32 = $crate::libm::fmaxf;
            fn fmin(x: f64, y: f64) -> f64 = $crate::libm::fmin;
            fn fminf(x: f32, y: f32) -> f32 = $crate::libm::fminf;
            fn fmod(x: f64, y: f64) -> f64 = $crate::libm::fmod;
            fn fmodf(x: f32, y: f32) -> f32 = $crate::libm::fmodf;
            fn frexp(x: f64, exponent: *mut c_int) -> f64 = $crate::math::frexp;
            fn frexpf(x: f32, exponent: *mut c_int) -> f32 = $crate::math::frexpf;
            fn hypot(x: f64, y: f64) -> f64 = $crate::libm::hypot;
            fn hypotf(x: f32, y: f32) -> f32 = $crate::libm::hypotf;
            fn ldexp(x: f64, exponent: c_int) -> f64 = $crate::libm::ldexp;
            fn ldexpf(x: f32, exponent: c_int) -> f32 = $crate::libm::ldexpf;
            fn lgamma_r(x: f64, sign: *mut c_int) -> f64 = $crate::math::lgamma_r;
            fn lgammaf_r(x: f32, sign: *mut c_int) -> f32 = $crate::math::lgammaf_r;
            fn log(x: f64) -> f64 = $crate::libm::log;
            fn logf(x: f32) -> f32 = $crate::libm::logf;
            fn log10(x: f64) -> f64 = $crate::libm::log10;
            fn log10f(x: f32) -> f32 = $crate::libm::log10f;
            fn log1p(x: f64) -> f64 = $crate::libm::log1p;
            fn log1pf(x: f32) -> f32 = $crate::libm::log1pf;
            fn log2(x: f64) -> f64 = $crate::libm::log2;
            fn log2f(x: f32) -> f32 = $crate::libm::log2f;
            fn nearbyint(x: f64) -> f64 = $crate::libm::rint;
            fn nearbyintf(x: f32) -> f32 = $crate::libm::rintf;
            fn nextafter(x: f64, y: f64) -> f64 = $crate::libm::nextafter;
            fn nextafterf(x: f32, y: f32) -> f32 = $crate::libm::nextafterf;
            fn pow(x: f64, y: f64) -> f64 = $crate::libm::pow;
            fn powf(x: f32, y: f32) -> f32 = $crate::libm::powf;
            fn remainder(x: f64, y: f64) -> f64 = $crate::libm::remainder;
            fn remainderf(x: f32, y: f32) -> f32 = $crate::libm::remainderf;
            fn rint(x: f64) -> f64 = $crate::libm::rint;
            fn rintf(x: f32) -> f32 = $crate::libm::rintf;
            fn round(x: f64) -> f64 = $crate::libm::round;
            fn roundf(x: f32) -> f32 = $crate::libm::roundf;
            fn roundeven(x: f64) -> f64 = $crate::libm::rint;
            fn roundevenf(x: f32) -> f32 = $crate::libm::rintf;
            fn scalbn(x: f64, exponent: c_int) -> f64 = $crate::libm::scalbn;
            fn scalbnf(x: f32, exponent: c_int) -> f32 = $crate::libm::scalbnf;
            fn sin(x: f64) -> f64 = $crate::libm::sin;
            fn sinf(x: f32) -> f32 = $crate::libm::sinf;
            fn sincos(x: f64, sine: *mut f64, cosine: *mut f64) = $crate::math::sincos;
            fn sincosf(x: f32, sine: *mut f32, cosine: *mut f32) = $crate::math::sincosf;
            fn sinh(x: f64) -> f64 = $crate::libm::sinh;
            fn sinhf(x: f32) -> f32 = $crate::libm::sinhf;
            fn sqrt(x: f64) -> f64 = $crate::libm::sqrt;
            fn sqrtf(x: f32) -> f32 = $crate::libm::sqrtf;
            fn tan(x: f64) -> f64 = $crate::libm::tan;
            fn tanf(x: f32) -> f32 = $crate::libm::tanf;
            fn tanh(x: f64) -> f64 = $crate::libm::tanh;
            fn tanhf(x: f32) -> f32 = $crate::libm::tanhf;
            fn tgamma(x: f64) -> f64 = $crate::libm::tgamma;
            fn tgammaf(x: f32) -> f32 = $crate::libm::tgammaf;
            fn trunc(x: f64) -> f64 = $crate::libm::trunc;
            fn truncf(x: f32) -> f32 = $crate::libm::truncf;
        }
    };
}

/// `frexp`.
///
/// # Safety
/// `exponent` is writable.
pub unsafe fn frexp(x: f64, exponent: *mut i32) -> f64 {
    let (fraction, power) = libm::frexp(x);
    // SAFETY: forwarded to the caller.
    unsafe { exponent.write(power) };
    fraction
}

/// `frexpf`.
///
/// # Safety
/// As [`frexp`].
pub unsafe fn frexpf(x: f32, exponent: *mut i32) -> f32 {
    let (fraction, power) = libm::frexpf(x);
    // SAFETY: forwarded to the caller.
    unsafe { exponent.write(power) };
    fraction
}

/// `lgamma_r`.
///
/// # Safety
/// `sign` is writable.
pub unsafe fn lgamma_r(x: f64, sign: *mut i32) -> f64 {
    let (value, negative) = libm::lgamma_r(x);
    // SAFETY: forwarded to the caller.
    unsafe { sign.write(negative) };
    value
}

/// `lgammaf_r`.
///
/// # Safety
/// As [`lgamma_r`].
pub unsafe fn lgammaf_r(x: f32, sign: *mut i32) -> f32 {
    let (value, negative) = libm::lgammaf_r(x);
    // SAFETY: forwarded to the caller.
    unsafe { sign.write(negative) };
    value
}

/// `sincos`, which the compiler makes of `sin` and `cos` of one value.
///
/// # Safety
/// Both pointers are writable.
pub unsafe fn sincos(x: f64, sine: *mut f64, cosine: *mut f64) {
    let (s, c) = libm::sincos(x);
    // SAFETY: forwarded to the caller.
    unsafe {
        sine.write(s);
        cosine.write(c);
    }
}

/// `sincosf`.
///
/// # Safety
/// As [`sincos`].
pub unsafe fn sincosf(x: f32, sine: *mut f32, cosine: *mut f32) {
    let (s, c) = libm::sincosf(x);
    // SAFETY: forwarded to the caller.
    unsafe {
        sine.write(s);
        cosine.write(c);
    }
}
