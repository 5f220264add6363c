//! The WebAssembly door of the signature kernel: five functions over linear memory, no imports.
//!
//! The host asks for one input buffer, writes it, calls, and reads the answer from the same buffer. The kernel computes
//! the layout from the lengths alone and checks it against the buffer, so no pointer of the host is ever trusted.

mod cofactored;
mod coefficients;
mod derivation;
mod key_cache;
mod kernel;
mod rows;

use cofactored::Search;
use kernel::{Job, Kernel, Refusal};
use rows::ROW_BYTES;
use std::cell::UnsafeCell;

/// Largest input buffer in bytes: linear memory stays below 64 MiB, which the linker sets.
const INPUT_BYTES_MAX: usize = 16 << 20;

const SEED_BYTES: usize = 32;

struct Instance {
    input: Vec<u8>,
    kernel: Option<Kernel>,
}

/// One instance for each WebAssembly instance.
struct SingleThread(UnsafeCell<Instance>);

// SAFETY: an instance of the module has its own memory and one thread, and no export calls another or is re-entered.
unsafe impl Sync for SingleThread {}

static INSTANCE: SingleThread = SingleThread(UnsafeCell::new(Instance {
    input: Vec::new(),
    kernel: None,
}));

fn instance() -> &'static mut Instance {
    // SAFETY: see `SingleThread`; every export calls this once.
    unsafe { &mut *INSTANCE.0.get() }
}

/// Version of this door: the binding refuses another.
#[no_mangle]
pub extern "C" fn door_version() -> u32 {
    1
}

/// Grows the input buffer to at least `bytes` and returns its address, or 0 when that is above the bound or memory ran out.
#[no_mangle]
pub extern "C" fn reserve_input(bytes: u32) -> u32 {
    let instance = instance();
    let bytes = bytes as usize;
    if bytes > INPUT_BYTES_MAX {
        return 0;
    }
    if bytes > instance.input.len() {
        // The old bytes are of no use, so they are given back first.
        instance.input = Vec::new();
        if instance.input.try_reserve_exact(bytes).is_err() {
            return 0;
        }
        instance.input.resize(bytes, 0);
    }
    instance.input.as_mut_ptr() as u32
}

/// Checks rows. Input: seed (32) ‖ rows (16 each) ‖ verdicts (1 each, written) ‖ prefix ‖ arena. Returns a status.
/// With `all_or_none` other than 0 one wrong row refuses every row, and nothing is spent on finding it.
#[no_mangle]
pub extern "C" fn verify_rows(all_or_none: u32, row_count: u32, prefix_bytes: u32, arena_bytes: u32) -> u32 {
    let instance = instance();
    let rows_bytes = u64::from(row_count) * (ROW_BYTES as u64 + 1);
    let needed = SEED_BYTES as u64 + rows_bytes + u64::from(prefix_bytes) + u64::from(arena_bytes);
    if needed > instance.input.len() as u64 {
        return Refusal::InputTooShort as u32;
    }
    let (seed, rest) = instance.input.split_at_mut(SEED_BYTES);
    let (rows, rest) = rest.split_at_mut(row_count as usize * ROW_BYTES);
    let (verdicts, rest) = rest.split_at_mut(row_count as usize);
    let (prefix, rest) = rest.split_at_mut(prefix_bytes as usize);
    let arena = &rest[..arena_bytes as usize];
    let search = if all_or_none == 0 { Search::Each } else { Search::None };
    let mut fresh_seed = [0; SEED_BYTES];
    fresh_seed.copy_from_slice(seed);
    let job = Job { search, seed: fresh_seed, prefix, arena, rows };
    let kernel = instance.kernel.get_or_insert_with(Kernel::new);
    match kernel.verify_rows(&job, verdicts) {
        Ok(()) => 0,
        Err(refusal) => refusal as u32,
    }
}

/// Rows that were checked alone since the start, modulo 2^32.
#[no_mangle]
pub extern "C" fn single_checks() -> u32 {
    instance().kernel.as_ref().map_or(0, |kernel| kernel.single_checks)
}

/// Derives public keys. Input: seeds (32 each), each overwritten by its public key. Returns a status.
#[no_mangle]
pub extern "C" fn derive_public_keys(key_count: u32) -> u32 {
    let instance = instance();
    match instance.input.get_mut(..(key_count as usize).saturating_mul(32)) {
        Some(seeds) => {
            derivation::derive_in_place(seeds);
            0
        }
        None => Refusal::InputTooShort as u32,
    }
}
