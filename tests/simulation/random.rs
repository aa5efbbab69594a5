//! A small seeded generator (SplitMix64): the same seed gives the same life on every machine.

/// The state of the generator.
#[derive(Debug, Clone)]
pub(crate) struct Random(u64);

impl Random {
    /// Starts at a seed.
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// A number in a range, both ends included.
    pub(crate) fn between(&mut self, low: u32, high: u32) -> u32 {
        let span = u64::from(high - low) + 1;
        low + u32::try_from(self.next() % span).expect("the remainder is below a 32-bit span")
    }

    /// True in so many of a thousand cases.
    pub(crate) fn chance(&mut self, per_mille: u32) -> bool {
        self.between(1, 1000) <= per_mille
    }

    /// One of several values.
    pub(crate) fn one_of<T: Copy>(&mut self, values: &[T]) -> T {
        let last = u32::try_from(values.len() - 1).expect("a short list");
        values[usize::try_from(self.between(0, last)).expect("an index")]
    }
}
