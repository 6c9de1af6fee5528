//! Draws numbers that depend on the seed, the purpose and an index alone, and shuffles a domain without storing it.
//!
//! The hash is splitmix64's finalizer (Steele, Lea and Flood 2014), the permutation a four-round Feistel network on two
//! digits in the base nearest above the domain's square root, walked until it lands inside the domain. Neither is
//! secret or cryptographic: they only have to look irregular and be the same everywhere.

/// What a draw is for; two purposes never share their numbers.
#[derive(Clone, Copy)]
#[repr(u64)]
pub enum Purpose {
    Layout = 1,
    CaseOrder,
    Births,
    Coordination,
    AddressOrder,
    PlateOrder,
    RowOrder,
    Host,
    Lodging,
    LodgerProtection,
    Census,
    CensusTarget,
    Fleet,
    FleetTarget,
    Work,
    WorkTarget,
    Open,
    Hindrance,
    Protection,
    Membership,
    EarlierMembership,
    SecondMembership,
    Moved,
    MovedFrom,
    Deregistered,
    MissingAddress,
    Elsewhere,
    Street,
    Given,
    Family,
    Curiosity,
    Duplicate,
    Form,
    Owner,
    Vehicle,
    OwnedSince,
    Known,
    Organisation,
    Seeker,
    OtherResident,
    CaseRow,
    Costs,
    CostTarget,
    CostKind,
    Application,
    ApplicationRow,
    AppliedTonight,
    ManyCosts,
    HouseholdCosts,
    PersonCosts,
    OtherHindrance,
    Idle,
    Plans,
    PlansTarget,
    HasPlan,
    Plan,
    Activity,
    Move,
    MoveTarget,
    Document,
    Scan,
    Income,
    Answered,
    Engagement,
    AppliesAnew,
    Supplier,
    SupplierRow,
    Organisations,
    Account,
    Contract,
    Invoice,
    Warning,
    SecondCase,
    Recurring,
}

/// The source of every draw of one municipality.
#[derive(Clone, Copy)]
pub struct Draw {
    seed: u64,
}

impl Draw {
    /// Draws of one seed.
    pub fn new(seed: u64) -> Draw {
        Draw { seed: mix(seed) }
    }

    /// Sixty-four bits for this purpose and index.
    pub fn bits(self, purpose: Purpose, index: u64) -> u64 {
        mix(mix(self.seed ^ (purpose as u64).wrapping_mul(0xD6E8_FEB8_6659_FD93)) ^ index)
    }

    /// A number from 0 up to, not including, `bound`; 0 when `bound` is 0.
    pub fn below(self, purpose: Purpose, index: u64, bound: u64) -> u64 {
        scale(self.bits(purpose, index), bound)
    }

    /// True for `per_10_000` indices of ten thousand, about.
    pub fn chance(self, purpose: Purpose, index: u64, per_10_000: u64) -> bool {
        self.below(purpose, index, 10_000) < per_10_000
    }

    /// One of `choices`, which is never empty.
    pub fn pick<T: Copy>(self, purpose: Purpose, index: u64, choices: &[T]) -> T {
        choices[self.below(purpose, index, choices.len() as u64) as usize]
    }

    /// A shuffling of `0..domain`; `variant` tells several for the same purpose apart.
    pub fn permutation(self, purpose: Purpose, variant: u64, domain: u64) -> Permutation {
        Permutation::new(domain, self.bits(purpose, variant))
    }
}

/// A further number from the bits of an earlier draw, from 0 up to, not including, `bound`.
pub fn again(bits: u64, turn: u64, bound: u64) -> u64 {
    scale(mix(bits.wrapping_add(turn.wrapping_mul(0xA24B_AED4_963E_E407))), bound)
}

/// A bijection on `0..domain`.
#[derive(Clone, Copy)]
pub struct Permutation {
    domain: u64,
    base: u64,
    keys: [u64; 4],
}

impl Permutation {
    fn new(domain: u64, key: u64) -> Permutation {
        let root = domain.isqrt();
        let base = if root * root == domain { root } else { root + 1 };
        Permutation { domain, base, keys: [1, 2, 3, 4].map(|round| mix(key ^ mix(round))) }
    }

    /// How many are shuffled.
    pub fn domain(&self) -> u64 {
        self.domain
    }

    /// Where `index` goes; `index` lies in the domain.
    pub fn apply(&self, index: u64) -> u64 {
        let mut place = index;
        loop {
            place = self.forward(place);
            if place < self.domain {
                return place;
            }
        }
    }

    /// What came to `place`; the inverse of `apply`.
    pub fn invert(&self, place: u64) -> u64 {
        let mut index = place;
        loop {
            index = self.backward(index);
            if index < self.domain {
                return index;
            }
        }
    }

    fn forward(&self, index: u64) -> u64 {
        let (mut left, mut right) = (index / self.base, index % self.base);
        for key in self.keys {
            let sum = left + scale(mix(key ^ right), self.base);
            (left, right) = (right, if sum >= self.base { sum - self.base } else { sum });
        }
        left * self.base + right
    }

    fn backward(&self, place: u64) -> u64 {
        let (mut left, mut right) = (place / self.base, place % self.base);
        for key in self.keys.iter().rev() {
            let difference = right + self.base - scale(mix(key ^ left), self.base);
            (left, right) = (if difference >= self.base { difference - self.base } else { difference }, left);
        }
        left * self.base + right
    }
}

fn mix(value: u64) -> u64 {
    let mut bits = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

fn scale(bits: u64, bound: u64) -> u64 {
    ((u128::from(bits) * u128::from(bound)) >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_permutation_reaches_every_place_once_and_is_undone_by_its_inverse() {
        for domain in [1, 2, 3, 10, 99, 100, 101, 5_000] {
            let order = Draw::new(7).permutation(Purpose::RowOrder, 3, domain);
            let mut places: Vec<u64> = (0..domain).map(|index| order.apply(index)).collect();
            assert!((0..domain).all(|index| order.invert(order.apply(index)) == index));
            places.sort_unstable();
            assert!(places.into_iter().eq(0..domain));
        }
    }

    #[test]
    fn a_draw_stays_below_its_bound_and_differs_by_purpose() {
        let draw = Draw::new(1);
        assert!((0..1_000).all(|index| draw.below(Purpose::Street, index, 7) < 7));
        assert_eq!(draw.below(Purpose::Street, 1, 0), 0);
        assert_ne!(draw.bits(Purpose::Street, 1), draw.bits(Purpose::Given, 1));
    }
}
