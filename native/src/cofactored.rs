//! The ZIP-215 rule: [8][s]B = [8]R + [8][k]A, alone or for many rows at once.

use curve25519_dalek::constants::ED25519_BASEPOINT_POINT;
use curve25519_dalek::edwards::EdwardsPoint;
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::{IsIdentity, VartimeMultiscalarMul};

/// From this size on an equation is cheaper than its rows alone.
const EQUATION_ROWS_MIN: usize = 3;

/// At this size and below the rows of a failed equation are checked one by one.
const SEARCH_ROWS_MIN: usize = 4;

/// One row whose encodings are all right: what is left is the equation.
pub struct Term {
    /// Where its verdict goes.
    pub verdict: usize,
    /// Index of its key among the distinct keys.
    pub key: usize,
    pub commitment: EdwardsPoint,
    pub response: Scalar,
    pub challenge: Scalar,
    pub coefficient: Scalar,
}

/// What to do when an equation fails.
#[derive(Clone, Copy, PartialEq)]
pub enum Search {
    /// Find exactly the rows that are wrong.
    Each,
    /// Accept none: one wrong row spoils all, so which one is not worth the search.
    None,
}

/// Rows under one set of distinct keys, with scratch space that is reused from part to part.
pub struct Equation<'keys> {
    keys: &'keys [EdwardsPoint],
    sums: Vec<Option<Scalar>>,
    /// Rows that were checked alone so far: none, unless the rows are very few or one is wrong.
    pub single_checks: u32,
}

impl<'keys> Equation<'keys> {
    pub fn new(keys: &'keys [EdwardsPoint]) -> Self {
        Self { keys, sums: vec![None; keys.len()], single_checks: 0 }
    }

    /// Accepts exactly the terms that hold the rule; without a search, all of them or none.
    pub fn judge(&mut self, terms: &[Term], search: Search, accept: &mut impl FnMut(usize)) {
        if terms.len() < EQUATION_ROWS_MIN {
            return self.judge_singly(terms, accept);
        }
        let error = self.error(terms);
        if search == Search::Each || is_small(&error) {
            self.judge_with_error(terms, error, accept);
        }
    }

    /// The error of a whole is the sum of the errors of its halves, so each level of the search pays for one half only.
    fn judge_with_error(&mut self, terms: &[Term], error: EdwardsPoint, accept: &mut impl FnMut(usize)) {
        if is_small(&error) {
            return terms.iter().for_each(|term| accept(term.verdict));
        }
        if terms.len() <= SEARCH_ROWS_MIN {
            return self.judge_singly(terms, accept);
        }
        let (left, right) = terms.split_at(terms.len() / 2);
        let left_error = self.error(left);
        self.judge_with_error(left, left_error, accept);
        self.judge_with_error(right, error - left_error, accept);
    }

    fn judge_singly(&mut self, terms: &[Term], accept: &mut impl FnMut(usize)) {
        self.single_checks = self.single_checks.wrapping_add(terms.len() as u32);
        for term in terms {
            let key = self.keys[term.key];
            let commitment =
                EdwardsPoint::vartime_double_scalar_mul_basepoint(&-term.challenge, &key, &term.response);
            if is_small(&(commitment - term.commitment)) {
                accept(term.verdict);
            }
        }
    }

    /// Σ z(R + kA − sB): of small order when all rows hold; otherwise it is not, but with probability 2^-128.
    fn error(&mut self, terms: &[Term]) -> EdwardsPoint {
        let mut scalars = Vec::with_capacity(2 * terms.len() + 1);
        let mut points = Vec::with_capacity(2 * terms.len() + 1);
        let mut base = Scalar::ZERO;
        for term in terms {
            base -= term.coefficient * term.response;
            let product = term.coefficient * term.challenge;
            let sum = &mut self.sums[term.key];
            *sum = Some(sum.map_or(product, |sum| sum + product));
            scalars.push(term.coefficient);
            points.push(term.commitment);
        }
        for term in terms {
            // Taking the sum leaves nothing for a later row of the same key, and the scratch space empty.
            if let Some(sum) = self.sums[term.key].take() {
                scalars.push(sum);
                points.push(self.keys[term.key]);
            }
        }
        scalars.push(base);
        points.push(ED25519_BASEPOINT_POINT);
        EdwardsPoint::vartime_multiscalar_mul(scalars, points)
    }
}

/// The cofactor of the rule: a difference of small order is none.
fn is_small(difference: &EdwardsPoint) -> bool {
    difference.mul_by_cofactor().is_identity()
}
