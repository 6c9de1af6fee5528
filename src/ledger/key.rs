//! The ledger's secret key, and the keyed hash that stands in the ledger where an identity is not needed.
//!
//! # The construction, so that it can be redone
//!
//! `keyed_hash(key, [p1, p2, …])` is HMAC-SHA256 (RFC 2104) with the ledger's 32 bytes as the key, over the message
//!
//! ```text
//! len(p1) as 8 bytes, big-endian ‖ p1 ‖ len(p2) as 8 bytes, big-endian ‖ p2 ‖ …
//! ```
//!
//! cut to its first 16 bytes (RFC 2104, section 5). The lengths keep `["ab", "c"]` and `["a", "bc"]` apart.
//! With openssl, for the parts `person` and `x`:
//!
//! ```text
//! printf '\0\0\0\0\0\0\0\006person\0\0\0\0\0\0\0\001x' | openssl dgst -sha256 -mac HMAC -macopt hexkey:<key in hex>
//! ```
//!
//! The key stands in the ledger itself, which only its owner can read. The hash protects against the one who sees a
//! row, a log or a query's answer; against the one who holds the whole file it is no protection.

use std::fmt;

use rand::TryRng;
use rand::rngs::SysRng;
use sha2::{Digest, Sha256};

/// SHA-256 works on blocks of this many bytes; RFC 2104 pads the key to one.
const BLOCK: usize = 64;

/// The ledger's secret: 32 bytes, made once, when the ledger is created.
#[derive(Clone, PartialEq, Eq)]
pub struct LedgerKey([u8; 32]);

impl LedgerKey {
    /// The bytes, for the ledger's own row and nothing else.
    pub(super) const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// What stands beside the key in the ledger, and tells whether the key is still the one that was made.
    pub(super) fn seal(&self) -> Hash16 {
        keyed_hash(self, &[b"key"])
    }
}

impl From<[u8; 32]> for LedgerKey {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

/// Never the key: logs and panics print `Debug`.
impl fmt::Debug for LedgerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LedgerKey(…)")
    }
}

/// Where the key of a ledger that is created comes from; a ledger that exists keeps the key it has.
#[derive(Clone)]
pub enum KeySource {
    /// From the operating system's source of randomness.
    Random,
    /// Given, for tests whose output is compared byte for byte.
    Fixed([u8; 32]),
}

impl KeySource {
    /// The key itself; fails only when the operating system gives no randomness.
    pub(super) fn make(self) -> Result<LedgerKey, String> {
        let Self::Fixed(bytes) = self else {
            let mut bytes = [0; 32];
            SysRng.try_fill_bytes(&mut bytes).map_err(|error| error.to_string())?;
            return Ok(LedgerKey(bytes));
        };
        Ok(LedgerKey(bytes))
    }
}

/// Never the key: logs and panics print `Debug`.
impl fmt::Debug for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Random => "Random",
            Self::Fixed(_) => "Fixed(…)",
        })
    }
}

/// Sixteen bytes that stand for something without telling what; equal for equal parts under the same ledger key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash16([u8; 16]);

impl Hash16 {
    /// The bytes, as they stand in the ledger.
    pub const fn bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl From<[u8; 16]> for Hash16 {
    fn from(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
}

/// In hexadecimal, as `SQLite`'s `hex()` writes it but in lower case.
impl fmt::Debug for Hash16 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The keyed hash of `parts` in their order; the construction is described at the top of this file.
///
/// Let the first part say what is hashed (`person`, `finding`), so that two kinds never meet in one hash.
pub fn keyed_hash(key: &LedgerKey, parts: &[&[u8]]) -> Hash16 {
    KeyedHasher::new(key).hash(parts.iter().copied())
}

/// Makes many keyed hashes: what all of them begin with is worked out once. HMAC-SHA256 as RFC 2104 writes it:
/// `H(key ⊕ opad ‖ H(key ⊕ ipad ‖ message))`, the key padded to a block with zeros.
#[derive(Clone)]
pub struct KeyedHasher {
    inner: Sha256,
    outer: Sha256,
}

impl KeyedHasher {
    /// A maker of hashes with this key.
    pub fn new(key: &LedgerKey) -> Self {
        let padded = |pad: u8| {
            let mut block = [pad; BLOCK];
            block.iter_mut().zip(key.0).for_each(|(byte, secret)| *byte ^= secret);
            block
        };
        Self { inner: Sha256::new_with_prefix(padded(0x36)), outer: Sha256::new_with_prefix(padded(0x5c)) }
    }

    /// As [`keyed_hash`].
    pub fn hash<'p>(&self, parts: impl IntoIterator<Item = &'p [u8]>) -> Hash16 {
        let mut inner = self.inner.clone();
        for part in parts {
            inner.update((part.len() as u64).to_be_bytes());
            inner.update(part);
        }
        let full = self.finished(inner);
        let mut cut = [0; 16];
        cut.copy_from_slice(&full[..16]);
        Hash16(cut)
    }

    fn finished(&self, inner: Sha256) -> [u8; 32] {
        let mut outer = self.outer.clone();
        outer.update(inner.finalize());
        outer.finalize().into()
    }
}

/// Never what it has been given.
impl fmt::Debug for KeyedHasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyedHasher(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mac(key: &[u8], message: &[u8]) -> [u8; 32] {
        let mut bytes = [0; 32];
        bytes[..key.len()].copy_from_slice(key);
        let hasher = KeyedHasher::new(&LedgerKey(bytes));
        hasher.finished(hasher.inner.clone().chain_update(message))
    }

    fn hex(bytes: &[u8]) -> String {
        let (first, second) = bytes.split_at(16);
        format!("{:?}{:?}", Hash16(first.try_into().unwrap()), Hash16(second.try_into().unwrap()))
    }

    /// RFC 4231, test cases 1 and 2; their keys are shorter than 32 bytes, which HMAC pads with zeros just as here.
    #[test]
    fn the_mac_is_the_one_of_the_standard() {
        let first = mac(&[0x0b; 20], b"Hi There");
        assert_eq!(hex(&first), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
        let second = mac(b"Jefe", b"what do ya want for nothing?");
        assert_eq!(hex(&second), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }

    /// The value is what the openssl line at the top of this file gives for the key 07 07 … 07.
    #[test]
    fn the_hash_can_be_redone_with_openssl() {
        let hash = keyed_hash(&LedgerKey([7; 32]), &[b"person", b"x"]);
        assert_eq!(format!("{hash:?}"), "a85a19a3903e3df68f12b2d8e66379d6");
    }

    #[test]
    fn where_one_part_ends_and_the_next_begins_matters() {
        let key = LedgerKey([1; 32]);
        assert_ne!(keyed_hash(&key, &[b"ab", b"c"]), keyed_hash(&key, &[b"a", b"bc"]));
        assert_ne!(keyed_hash(&key, &[b"ab"]), keyed_hash(&key, &[b"ab", b""]));
        assert_ne!(keyed_hash(&key, &[b"ab"]), keyed_hash(&LedgerKey([2; 32]), &[b"ab"]));
        assert_eq!(keyed_hash(&key, &[b"ab", b"c"]), keyed_hash(&key, &[b"ab", b"c"]));
    }

    #[test]
    fn the_key_is_never_printed() {
        assert_eq!(format!("{:?}", LedgerKey([7; 32])), "LedgerKey(…)");
        assert_eq!(format!("{:?}", KeySource::Fixed([7; 32])), "Fixed(…)");
    }

    #[test]
    fn two_random_keys_differ() {
        assert_ne!(KeySource::Random.make(), KeySource::Random.make());
    }
}
