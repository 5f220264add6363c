//! From rows to verdicts. Shared by every build.

use crate::coefficients::Coefficients;
use crate::cofactored::{Equation, Search, Term};
use crate::key_cache::KeyCache;
use crate::rows::{read_row, Row, ROW_BYTES};
use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::scalar::Scalar;
use sha2::{Digest, Sha512};
use std::collections::BTreeMap;

/// Rows of one equation: a larger one gains little and needs more memory.
const EQUATION_ROWS_MAX: usize = 4_096;

/// Verdict of a row that holds the rule; any other row has 0.
const ACCEPTED: u8 = 1;

/// Why a whole call was refused: a mistake of the host, never of a peer.
#[derive(Clone, Copy)]
#[repr(u32)]
pub enum Refusal {
    InputTooShort = 1,
    RowOutOfArena = 2,
}

/// What a call is about.
pub struct Job<'input> {
    pub search: Search,
    /// Fresh for each call and unknown to every peer: batched checks are only as good as it is.
    pub seed: [u8; 32],
    /// Signed before every message.
    pub prefix: &'input [u8],
    pub arena: &'input [u8],
    pub rows: &'input [u8],
}

/// What outlives a call: the cache of keys, and nothing that a verdict depends on.
pub struct Kernel {
    cache: KeyCache,
    /// Rows checked alone since the start, wrapping: what forgeries cost, to be watched.
    pub single_checks: u32,
}

impl Kernel {
    pub fn new() -> Self {
        Self { cache: KeyCache::new(), single_checks: 0 }
    }

    /// Writes one verdict for each row; without a search, one wrong row refuses all.
    pub fn verify_rows(&mut self, job: &Job, verdicts: &mut [u8]) -> Result<(), Refusal> {
        let mut coefficients = Coefficients::new(job.seed);
        verdicts.fill(0);
        let parts = job.rows.chunks(EQUATION_ROWS_MAX * ROW_BYTES).zip(verdicts.chunks_mut(EQUATION_ROWS_MAX));
        for (rows, verdicts) in parts {
            let rows: Option<Vec<Row>> = rows.chunks_exact(ROW_BYTES).map(|row| read_row(row, job.arena)).collect();
            self.verify_part(job, &rows.ok_or(Refusal::RowOutOfArena)?, &mut coefficients, verdicts);
            if job.search == Search::None && verdicts.contains(&0) {
                break;
            }
        }
        if job.search == Search::None && verdicts.contains(&0) {
            verdicts.fill(0);
        }
        Ok(())
    }

    fn verify_part(&mut self, job: &Job, rows: &[Row], coefficients: &mut Coefficients, verdicts: &mut [u8]) {
        let mut keys = Keys { indices: BTreeMap::new(), points: Vec::new() };
        let mut terms = Vec::with_capacity(rows.len());
        for (verdict, row) in rows.iter().enumerate() {
            if let Some((response, key, commitment)) = self.decode(row, &mut keys) {
                let challenge = challenge(row, job.prefix);
                let coefficient = coefficients.next();
                terms.push(Term { verdict, key, commitment, response, challenge, coefficient });
            } else if job.search == Search::None {
                return;
            }
        }
        let mut equation = Equation::new(&keys.points);
        equation.judge(&terms, job.search, &mut |verdict| verdicts[verdict] = ACCEPTED);
        self.single_checks = self.single_checks.wrapping_add(equation.single_checks);
    }

    /// The cheap refusals come first: s, then a key that may be known, then the square root of R.
    fn decode<'arena>(
        &mut self,
        row: &Row<'arena>,
        keys: &mut Keys<'arena>,
    ) -> Option<(Scalar, usize, EdwardsPoint)> {
        let response = canonical_scalar(row.response)?;
        let key = keys.index(row.key, &mut self.cache)?;
        Some((response, key, CompressedEdwardsY(*row.commitment).decompress()?))
    }
}

/// The distinct keys of one equation. An ordered map: no peer can choose keys that make it slow.
struct Keys<'arena> {
    indices: BTreeMap<&'arena [u8; 32], Option<usize>>,
    points: Vec<EdwardsPoint>,
}

impl<'arena> Keys<'arena> {
    fn index(&mut self, key: &'arena [u8; 32], cache: &mut KeyCache) -> Option<usize> {
        let points = &mut self.points;
        *self.indices.entry(key).or_insert_with(|| {
            points.push(cache.decompress(key)?);
            Some(points.len() - 1)
        })
    }
}

/// ZIP-215 keeps one strict rule of encodings: s must be below the group order.
fn canonical_scalar(bytes: &[u8; 32]) -> Option<Scalar> {
    Option::from(Scalar::from_canonical_bytes(*bytes))
}

fn challenge(row: &Row, prefix: &[u8]) -> Scalar {
    let hash = Sha512::new().chain_update(row.commitment).chain_update(row.key);
    let hash = hash.chain_update(prefix).chain_update(row.message).finalize();
    Scalar::from_bytes_mod_order_wide(&hash.into())
}
