//! The random coefficients of the batch equation.

use curve25519_dalek::scalar::Scalar;
use sha2::{Digest, Sha512};

const DOMAIN: &[u8] = b"shardnet signature batch coefficients v1";

/// Expands the host's seed into 128-bit coefficients: whoever does not know the seed, and no peer does, makes a false
/// batch pass with probability 2^-128.
pub struct Coefficients {
    seed: [u8; 32],
    counter: u64,
    block: [u8; 64],
    used: usize,
}

impl Coefficients {
    pub fn new(seed: [u8; 32]) -> Self {
        Self { seed, counter: 0, block: [0; 64], used: 64 }
    }

    pub fn next(&mut self) -> Scalar {
        if self.used == self.block.len() {
            let hash = Sha512::new().chain_update(DOMAIN).chain_update(self.seed);
            self.block = hash.chain_update(self.counter.to_le_bytes()).finalize().into();
            self.counter = self.counter.wrapping_add(1);
            self.used = 0;
        }
        let mut bytes = [0; 32];
        bytes[..16].copy_from_slice(&self.block[self.used..self.used + 16]);
        self.used += 16;
        // Below 2^128, so below the group order: nothing is reduced.
        Scalar::from_bytes_mod_order(bytes)
    }
}
