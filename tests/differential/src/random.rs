//! Choices.

use fastrand::Rng;

/// One of these.
pub fn pick<T: Copy>(rng: &mut Rng, from: &[T]) -> T {
    from[rng.usize(0..from.len())]
}

/// One of the words of a text.
pub fn word(rng: &mut Rng, from: &'static str) -> &'static str {
    let chosen = rng.usize(0..from.split(' ').count());
    from.split(' ').nth(chosen).unwrap_or(from)
}

/// True once in so many times.
pub fn unlikely(rng: &mut Rng, times: u32) -> bool {
    rng.u32(0..times) == 0
}

/// A generator for one case: the same for the same seed and number, whatever came before.
pub fn for_case(seed: u64, index: u64) -> Rng {
    // SplitMix64's step keeps neighbours apart.
    let mut state = seed
        .wrapping_mul(0x9e37_79b9_7f4a_7c15)
        .wrapping_add(index.wrapping_mul(0xbf58_476d_1ce4_e5b9));
    state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    Rng::with_seed(state ^ (state >> 31))
}
