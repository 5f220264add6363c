//! Public keys from seeds (RFC 8032, section 5.1.5).

use curve25519_dalek::edwards::EdwardsPoint;
use sha2::{Digest, Sha512};

/// Overwrites each whole 32-byte seed with its public key.
pub fn derive_in_place(seeds: &mut [u8]) {
    for seed in seeds.chunks_exact_mut(32) {
        let hash: [u8; 64] = Sha512::digest(&*seed).into();
        let mut secret = [0; 32];
        secret.copy_from_slice(&hash[..32]);
        seed.copy_from_slice(EdwardsPoint::mul_base_clamped(secret).compress().as_bytes());
    }
}
