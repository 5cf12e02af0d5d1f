//! Chance that can be asked again: each draw depends on the seed, what it is about and whom it concerns, never on what
//! was drawn before. So nothing has to be remembered, and any person can be made at any time.

use fastrand::Rng;

/// What a sequence of draws decides; each has its own chance, so that a change to one leaves the others as they were.
#[derive(Clone, Copy)]
pub(crate) enum About {
    Number,
    Person,
    Guardian,
    Household,
    Practitioner,
    Fate,
    Answer,
    Return,
    Desk,
    Request,
    Payment,
}

/// The draws about one person, household or practitioner.
pub(crate) fn draws(seed: u64, about: About, whom: u64) -> Rng {
    let topic = Rng::with_seed(seed ^ ((about as u64) << 56)).u64(..);
    Rng::with_seed(topic.wrapping_add(whom.wrapping_mul(0x9E37_79B9_7F4A_7C15)))
}

/// One of several, all alike.
pub(crate) fn one_of<T: Copy>(rng: &mut Rng, choices: &[T]) -> T {
    choices[rng.usize(..choices.len())]
}

/// One of several, each as often as its share says.
pub(crate) fn by_share<T: Copy>(rng: &mut Rng, choices: &[(T, u32)]) -> T {
    let all: u32 = choices.iter().map(|(_, share)| share).sum();
    let mut at = rng.u32(..all);
    let mut chosen = 0;
    while at >= choices[chosen].1 {
        at -= choices[chosen].1;
        chosen += 1;
    }
    choices[chosen].0
}

/// True in so many of a thousand cases.
pub(crate) fn permille(rng: &mut Rng, share: u32) -> bool {
    rng.u32(..1000) < share
}

/// A shuffled order of `0..count` that takes no memory: four rounds of a Feistel network over the next power of four,
/// walked until the place is inside.
pub(crate) struct Order {
    count: u64,
    half: u32,
    seed: u64,
}

impl Order {
    pub(crate) fn new(count: u64, seed: u64) -> Self {
        let bits = u64::BITS - count.saturating_sub(1).leading_zeros();
        Self { count, half: bits.div_ceil(2).max(1), seed }
    }

    /// Where `index` comes in this order; every place below `count` is taken exactly once.
    pub(crate) fn place(&self, index: u64) -> u64 {
        let mask = (1 << self.half) - 1;
        let mut place = index;
        loop {
            let (mut left, mut right) = (place >> self.half, place & mask);
            for round in 0..4 {
                let turn = Rng::with_seed(self.seed ^ (round << 60) ^ right).u64(..);
                (left, right) = (right, left ^ (turn & mask));
            }
            place = (left << self.half) | right;
            if place < self.count {
                return place;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_come_in_their_shares() {
        let mut rng = draws(1, About::Fate, 1);
        let mut found = [0; 3];
        for _ in 0..10_000 {
            found[by_share(&mut rng, &[(0_usize, 1), (1, 0), (2, 9)])] += 1;
        }
        assert!((800..1200).contains(&found[0]), "{found:?}");
        assert_eq!(found[1], 0);
    }

    #[test]
    fn an_order_takes_every_place_once_and_is_not_the_natural_one() {
        for count in [1, 2, 3, 17, 1000, 4097] {
            let order = Order::new(count, 7);
            let mut places: Vec<u64> = (0..count).map(|index| order.place(index)).collect();
            assert!(count < 17 || !places.is_sorted(), "{count}");
            places.sort_unstable();
            assert!(places.into_iter().eq(0..count), "{count}");
        }
    }
}
